"""The site's own first page."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from operations import demo


@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """The site's root and the frontend's dashboard: what the site is, and links to its parts."""
    if not settings.SERVES_PAGES:
        raise Http404
    return render(request, "pages/start.html", {"people": demo.who_can_sign_in(), "has_docs": settings.OPENAPI})
