"""The admin shows times in the reader's time zone; templates/admin/base_site.html names the zone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from calendars.times import is_zone, zone

ADMIN = "/admin/"


class StaffZoneMiddleware:
    """On the admin's pages alone: the API's answers are UTC, and reading the session costs a statement."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ADMIN):
            return self.get_response(request)
        name = getattr(request.user, "time_zone", "")
        with timezone.override(zone(name) if is_zone(name) else None):
            return self.get_response(request)
