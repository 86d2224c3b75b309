"""The sentences of a mail about new answers, in its reader's language and zone."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext

from calendars.lines import plain_line
from mailer import links
from mailer.digests import Answer, Answered, AnswersDigest
from mailer.messages import PartStat
from mailer.protocol import Schedule
from mailer.reader import Reader
from mailer.shown import Shown, known_zone

LONGEST_COMMENT = 500
_SAID: dict[PartStat, tuple[str, str]] = {
    "ACCEPTED": (gettext_noop("%(who)s accepts"), gettext_noop("%(who)s accepts for %(day)s")),
    "TENTATIVE": (gettext_noop("%(who)s may come"), gettext_noop("%(who)s may come on %(day)s")),
    "DECLINED": (gettext_noop("%(who)s declines"), gettext_noop("%(who)s declines for %(day)s")),
    "NEEDS-ACTION": (gettext_noop("%(who)s has not decided"), gettext_noop("%(who)s has not decided for %(day)s")),
}
_COUNTED: dict[PartStat, str] = {
    "ACCEPTED": gettext_noop("%(count)d accepted"),
    "TENTATIVE": gettext_noop("%(count)d tentative"),
    "DECLINED": gettext_noop("%(count)d declined"),
    "NEEDS-ACTION": gettext_noop("%(count)d without an answer"),
}


def subject(message: AnswersDigest, reader: Reader) -> str:
    meetings = message.meetings
    count = sum(len(meeting.answers) + meeting.more for meeting in meetings)
    if count == 1:
        (meeting,) = meetings
        return gettext("%(said)s: %(title)s") % {
            "said": _said(meeting, meeting.answers[0], reader, is_short=True),
            "title": _title(meeting),
        }
    told = {"count": count, "title": _title(meetings[0])}
    if len(meetings) == 1 and not message.more:
        return ngettext("%(count)d new answer: %(title)s", "%(count)d new answers: %(title)s", count) % told
    return ngettext("%(count)d new answer", "%(count)d new answers", count) % told


def told(meeting: Answered, reader: Reader) -> dict[str, Any]:
    """A meeting's part of the mail."""
    found = meeting.counts
    counts = [gettext(text) % {"count": found[answer]} for answer, text in _COUNTED.items() if answer in found]
    return {
        "title": _title(meeting),
        "when": reader.when(_shown(meeting.schedule)) if meeting.schedule and not meeting.is_series else "",
        "answers": [_lines(meeting, answer, reader) for answer in meeting.answers],
        "more": _more(meeting.more),
        "counts": ", ".join(counts),
        "link": links.event_link(meeting.id),
    }


def _more(count: int) -> str:
    return ngettext("%(count)d more answer", "%(count)d more answers", count) % {"count": count} if count else ""


def _lines(meeting: Answered, answer: Answer, reader: Reader) -> dict[str, str]:
    invited, proposal = plain_line(answer.invited_address), answer.proposal
    note = gettext("The invitation went to %(address)s, whose answer this is not.") % {"address": invited}
    if not answer.is_invited:
        note = gettext("Nobody has invited this address.")
    return {
        "said": _said(meeting, answer, reader),
        "note": note if invited or not answer.is_invited else "",
        "comment": plain_line(answer.comment)[:LONGEST_COMMENT],
        "proposal": reader.when(_shown(proposal)) if proposal else "",
        "url": answer.proposal_url,
    }


def _said(meeting: Answered, answer: Answer, reader: Reader, *, is_short: bool = False) -> str:
    name, address = plain_line(answer.name), plain_line(answer.address)
    who = f"{name} ({address})" if name and not is_short else name or address
    whole, one = _SAID[answer.answer]
    if answer.occurrence is None:
        return gettext(whole) % {"who": who}
    at, is_all_day = answer.occurrence.time, bool(meeting.schedule and meeting.schedule.is_all_day)
    shown = Shown("", "", at, at, known_zone(answer.occurrence.timezone), is_all_day)
    return gettext(one) % {"who": who, "day": reader.named_day(at, shown)}


def _title(meeting: Answered) -> str:
    return plain_line(meeting.title) or gettext("(untitled)")


def _shown(schedule: Schedule) -> Shown:
    start: datetime = schedule.start_time.time
    zone = known_zone(schedule.start_time.timezone)
    return Shown("", "", start, schedule.end_time.time, zone, schedule.is_all_day)
