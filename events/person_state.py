"""A person at a glance, on top of the page: may they sign in, what is ahead of them, do mails reach them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.address_admin import page_about
from events.admin_times import occurrence_in_words
from events.coming import coming_of
from events.models import Event
from mailer.models import OutgoingMail
from mailer.suppression import suppression_of
from staff.links import linked, may_view
from users.admin import UserAdmin
from users.models import User

MOST_MEETINGS = 5
PROBLEMS = (OutgoingMail.State.FAILED, OutgoingMail.State.BOUNCED, OutgoingMail.State.WITHHELD)


class PersonState(UserAdmin):
    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        return [first, *others] if obj is None else [first, (_("Now"), {"fields": _shown(request)}), *others]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *_shown(request)]

    @admin.display(description=_("state"))
    def standing(self, person: User) -> str:
        if person.disabled_since:
            return gettext("disabled since %(when)s") % {"when": _day(person.disabled_since)}
        if not person.is_registered:
            return gettext("has an account that was never used here")
        if person.last_login is None:
            return gettext("may sign in")
        return gettext("may sign in; last did so %(when)s") % {"when": _day(person.last_login)}

    @admin.display(description=_("next meetings"))
    def next_meetings(self, person: User) -> SafeString | str:
        rows = [
            (linked(person.request, item.event), occurrence_in_words(item.event, item.next), _answer(item.invite))  # type: ignore[attr-defined]
            for item in coming_of(person, timezone.now(), count=MOST_MEETINGS)
        ]
        return format_html_join("", "<div>{}: {} – {}</div>", rows) if rows else "–"

    @admin.display(description=_("mails"))
    def mails_to(self, person: User) -> SafeString:
        """Where something is wrong, that first; what can be done is on the page about the address."""
        link = format_html('<a href="{}">{}</a>', page_about(person.email), gettext("Mails, and why one did not come"))
        problem = _problem(person)
        return format_html('<strong class="problem">{}</strong> – {}', problem, link) if problem else link


def _shown(request: HttpRequest) -> tuple[str, ...]:
    """Without what the reader may not look at."""
    of = {"standing": User, "next_meetings": Event, "mails_to": OutgoingMail}
    return tuple(name for name, model in of.items() if may_view(request, model))


def _problem(person: User) -> str:
    suppression = suppression_of(person.email)
    if suppression is not None:
        return gettext("the address is suppressed: %(why)s") % {"why": suppression.get_reason_display()}
    newest = OutgoingMail.objects.filter(address=person.email, tenant_id=person.tenant_id).defer("message")
    mail = newest.order_by("-created_at", "id").first()
    if mail is None or mail.state not in PROBLEMS:
        return ""
    return gettext("the newest mail: %(state)s") % {"state": mail.get_state_display()}


def _answer(invite: Any) -> str:
    return str(invite.get_status_display()) if invite else gettext("organizer")


def _day(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
