"""The API's answer about a meeting or an occurrence in words, for staff."""

from datetime import datetime
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext

from calendars import words
from events.resources import CANCELLED
from invites.models import Status


class MeetingRow:
    """`meeting` is what the API says; times are in `zone`."""

    def __init__(self, meeting: dict[str, Any], *, zone: str) -> None:
        self.meeting = meeting
        self._zone = zone

    @property
    def event_id(self) -> str:
        return str(self.meeting.get("recurring_event_id") or self.meeting["id"])

    @property
    def title(self) -> str:
        return str(self.meeting["title"])

    @property
    def is_cancelled(self) -> bool:
        return self.meeting.get("status") == CANCELLED

    @property
    def organizer(self) -> str:
        return _name(self.meeting["created_by"])

    @cached_property
    def when(self) -> str:
        if "starts_at" not in self.meeting:
            return gettext("at no fixed time")
        starts_at, ends_at = (
            datetime.fromisoformat(self.meeting[name]["datetime"]) for name in ("starts_at", "ends_at")
        )
        is_all_day = bool(self.meeting["is_all_day"])
        # Days of the whole day are the same days everywhere.
        zone = self.meeting["starts_at"]["timezone"] if is_all_day else self._zone
        return words.describe_time(starts_at, ends_at, zone=zone, is_all_day=is_all_day, locale=get_language() or "en")

    @property
    def answer(self) -> str:
        return gettext("organizer") if self.meeting["can_edit"] else str(Status(self.meeting["invite_status"]).label)

    @cached_property
    def ways_in(self) -> list[str]:
        """How the person gets in, and what is needed for it."""
        room = self.meeting["room"]
        ways = [gettext("signed in, with a browser")]
        if "password" in room:
            ways.append(gettext("room password: %(password)s") % room)
        if "call_in" in room:
            ways.append(gettext("by phone: %(tel)s, ID %(id)s, PIN %(password)s") % room["call_in"])
        if room["waiting_room"]:
            ways.append(gettext("through the waiting room"))
        return ways

    @property
    def invitees(self) -> list[tuple[str, str]]:
        """Who, and what they have answered."""
        found = self.meeting["invitees"]
        return [(_name(one["profile"]), str(Status(one["status"]).label)) for one in found]


def _name(profile: dict[str, Any]) -> str:
    """`Bob Burton <bob@example.com>`, the address alone of who has no name here."""
    name = profile.get("display_name") or f"{profile.get('firstname', '')} {profile.get('lastname', '')}".strip()
    return f"{name} <{profile['email']}>" if name else str(profile["email"])
