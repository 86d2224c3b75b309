"""What people type on the page of an invitation. Times are what a clock of the chosen zone shows."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from babel.core import get_global
from django import forms
from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars import recurrence
from calendars.addresses import canonical, is_mailable, is_same
from calendars.lines import plain_line, with_lf
from calendars.patterns import Series
from calendars.recurrence import Override
from calendars.rules import PatternError
from calendars.times import from_wall, is_zone, parse_instance_id
from events.models import Event
from events.occurrence_form import WallTimeField
from events.services.invitations import Proposal
from events.services.inviting import AnyInvite, address_of
from invites.models import Status

LONGEST_COMMENT = 1000  # as in the API
_SIGNER = "events.rsvp.page"
PAGE_SECONDS = 24 * 3600  # for so long a page may stay open
DAY = timedelta(days=1)
ANSWERS = {Status.ACCEPTED: _("Yes"), Status.TENTATIVE: _("Maybe"), Status.DECLINED: _("No")}
_MESSAGES = {"required": _("Choose an answer."), "invalid_choice": _("Choose an answer.")}


class TextField(forms.CharField):
    """Lines end as they are stored, so that the limit counts what people see."""

    def to_python(self, value: Any) -> str:
        return super().to_python(with_lf(value)) or ""


class AnswerForm(forms.Form):
    """`kind` of the times is "date" for all-day meetings, whose days are those of their own zone."""

    answer = forms.ChoiceField(choices=list(ANSWERS.items()), error_messages=_MESSAGES)
    occurrence = forms.CharField(required=False, max_length=20)
    comment = TextField(required=False, max_length=LONGEST_COMMENT)
    proposed_zone = forms.CharField(required=False, max_length=64)
    name = forms.CharField(required=False, max_length=255)
    address = forms.EmailField(required=False, max_length=255)

    def __init__(self, invite: AnyInvite, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.invite = invite
        event: Event = invite.event
        self.is_all_day = bool(event.is_all_day)
        kind = forms.DateField if self.is_all_day else WallTimeField
        for field in ("proposed_start", "proposed_end"):
            self.fields[field] = kind(required=False)

    @property
    def errors_in_order(self) -> list[tuple[str, str, str]]:
        """The element that each is about, its name, and the words, from top to bottom."""
        order = (
            ("answer", "answer-accepted", gettext("Will you attend?")),
            ("occurrence", "occurrence-all", gettext("Which dates is your answer for?")),
            ("comment", "comment", gettext("Message")),
            ("proposed_start", "proposed_start", gettext("Start")),
            ("proposed_end", "proposed_end", gettext("End")),
            ("proposed_zone", "proposed_zone", gettext("Time zone")),
            ("name", "name", gettext("Your name")),
            ("address", "address", gettext("Your e-mail address")),
        )
        return [(place, label, text) for field, place, label in order for text in map(str, self.errors.get(field, []))]

    def clean_occurrence(self) -> datetime | None:
        text = self.cleaned_data["occurrence"]
        try:
            return parse_instance_id(text) if text else None
        except ValueError:
            raise forms.ValidationError(no_such_occurrence()) from None

    def clean_proposed_zone(self) -> str:
        zone = self.cleaned_data["proposed_zone"]
        if zone and not is_zone(zone):
            raise forms.ValidationError(_("This time zone is not known."))
        return str(zone)

    def clean_name(self) -> str:
        return plain_line(self.cleaned_data["name"])

    def clean_address(self) -> str:
        address = canonical(self.cleaned_data["address"])
        if address and not is_mailable(address):
            raise forms.ValidationError(_("Enter a valid email address."))
        return "" if is_same(address, address_of(self.invite)) else address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("name") and "address" in cleaned and not self.data.get("address"):
            self.add_error("address", _("Enter your e-mail address, so that it is known who answers."))
        if all(field in cleaned for field in ("proposed_start", "proposed_end", "proposed_zone")):
            cleaned["proposal"] = self._proposal(cleaned)
        return cleaned

    def _proposal(self, cleaned: dict[str, Any]) -> Proposal | None:
        """An end that is left open is as far from the start as the meeting's own."""
        start, end, zone = (cleaned[field] for field in ("proposed_start", "proposed_end", "proposed_zone"))
        if start is None:
            if end is not None:
                self.add_error("proposed_start", _("Enter when the meeting would start."))
            return None
        event: Event = self.invite.event
        zone = event.starts_at_zone if self.is_all_day else zone or event.starts_at_zone or "UTC"
        try:
            starts_at = _instant(start, zone)
            ends_at = _instant(end + DAY if self.is_all_day else end, zone) if end else self._as_long(starts_at)
        except OverflowError:
            self.add_error("proposed_start", _("This date is out of range."))
            return None
        if ends_at is None:
            self.add_error("proposed_end", _("Enter when the meeting would end."))
            return None
        return self._checked(starts_at, ends_at, zone)

    def _as_long(self, starts_at: datetime) -> datetime | None:
        series = self.invite.event.as_series()
        if series is None:
            return None
        if series.is_all_day:
            return recurrence.overridden(series, Override(starts_at)).ends_at
        return starts_at + (series.ends_at - series.starts_at)

    def _checked(self, starts_at: datetime, ends_at: datetime, zone: str) -> Proposal | None:
        if ends_at <= starts_at:
            self.add_error("proposed_end", _("The end must be after the start."))
        elif ends_at <= timezone.now():
            self.add_error("proposed_start", _("This time is over."))
        else:
            try:
                recurrence.check(Series(starts_at, ends_at, zone, self.is_all_day, ()))
            except PatternError:
                self.add_error("proposed_end", _("A meeting lasts at most 366 days, and lies before the year 3000."))
                return None
            return Proposal(starts_at=starts_at, ends_at=ends_at, zone=zone)
        return None

    def values(self) -> dict[str, Any]:
        """For `answer_on_page`."""
        given = self.cleaned_data
        address = given["address"]
        return {
            "status": given["answer"],
            "comment": given["comment"],
            "occurrence": given["occurrence"],
            "address": address,
            "name": given["name"] if address else "",
            "proposal": given["proposal"],
        }


def no_such_occurrence() -> str:
    return gettext("This date is not part of the series, or it was cancelled. Choose another one.")


def _instant(value: date | datetime, zone: str) -> datetime:
    return from_wall(value if isinstance(value, datetime) else datetime.combine(value, time()), zone)


# --- the page's own token ---
# Django's would refuse each answer: a page without referrer has the origin "null" in browsers. The link is the
# permission, no cookie is; what is kept out are programs that send what they find in mails.


def page_token(invite: AnyInvite) -> str:
    return TimestampSigner(salt=_SIGNER).sign(f"{invite.pk.hex}{invite.token_nonce}")


def comes_from_the_page(invite: AnyInvite, token: str) -> bool:
    try:
        name = TimestampSigner(salt=_SIGNER).unsign(token, max_age=PAGE_SECONDS)
    except BadSignature:
        return False
    return name == f"{invite.pk.hex}{invite.token_nonce}"


# --- time zones to choose from ---


@cache
def zone_options() -> SafeString:
    """By continent, the names that the IANA database prefers. Written once: there are four hundred."""
    places: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(get_global("zone_territories")):
        continent, slash, where = name.partition("/")
        if slash and continent != "Etc" and is_zone(name):
            places[continent].append((name, where.replace("_", " ").replace("/", ", ")))
    places["UTC"].append(("UTC", "UTC"))
    options = ((name, format_html_join("", '<option value="{}">{}</option>', found)) for name, found in places.items())
    return format_html_join("\n", '<optgroup label="{}">{}</optgroup>', options)
