"""The figures in the reader's words: tiles, charts, and the table of jobs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_skeleton
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext, ngettext, to_locale
from django.utils.translation import gettext_lazy as _

from invites.models import Status
from mailer.models import OutgoingMail
from operations.dashboard.figures import DAYS, MOST_COUNTED, Mails
from staff.charts import Chart, Series, by_kind, over_days

# What the eight states of a mail come to; the table behind the chart has each of them.
OUTCOMES = (
    (_("sent"), "good", ("sent",)),
    (_("waiting"), "plain", ("queued", "sending", "retry")),
    (_("withheld or aborted"), "quiet", ("withheld", "aborted")),
    (_("bounced"), "warning", ("bounced",)),
    (_("failed"), "bad", ("failed",)),
)
ANSWERS = {Status.ACCEPTED: "good", Status.TENTATIVE: "plain", Status.DECLINED: "bad"}


def short(day: date) -> str:
    """`Nov 8`, `8. Nov.`"""
    return str(format_skeleton("MMMd", day, locale=to_locale(get_language() or "en")))


def mails_chart(mails: Mails) -> Chart:
    days = sorted(mails.per_day)
    series = [
        Series(str(name), css, [sum(mails.per_day[day][state] for state in states) for day in days])
        for name, css, states in OUTCOMES
    ]
    states = OutgoingMail.State
    return over_days(
        name="mails",
        title=gettext("Mails per day"),
        told=", ".join(f"{each.name} {sum(each.values)}" for each in series),
        days=[short(day) for day in days],
        series=series,
        table=(
            [gettext("Day"), *(str(state.label) for state in states)],
            [[short(day), *(mails.per_day[day][state] for state in states)] for day in days],
        ),
    )


def live_in_words(meetings: int, people: int) -> str:
    if not meetings:
        return gettext("No live meeting runs now.")
    running = ngettext("%(count)d live meeting runs now", "%(count)d live meetings run now", meetings)
    inside = ngettext("%(count)d person is in it", "%(count)d people are in them", people)
    return f"{running % {'count': meetings}}; {inside % {'count': people}}."


def meetings_chart(per_day: dict[date, int]) -> Chart:
    days = sorted(per_day)
    count = sum(per_day.values())
    told = ngettext("%(count)d meeting in %(days)d days", "%(count)d meetings in %(days)d days", count)
    return over_days(
        name="meetings",
        title=gettext("New meetings per day"),
        told=told % {"count": count, "days": DAYS},
        days=[short(day) for day in days],
        series=[Series("", "plain", [per_day[day] for day in days])],
        table=([gettext("Day"), gettext("New meetings")], [[short(day), per_day[day]] for day in days]),
    )


def answers_chart(answers: dict[str, int]) -> Chart:
    kinds = [(str(status.label), css, answers[status]) for status, css in ANSWERS.items()]
    return by_kind(
        name="answers",
        title=gettext("Answers to invitations"),
        told=", ".join(f"{word} {count}" for word, _css, count in kinds),
        kinds=kinds,
        head=[gettext("Answer"), gettext("Number")],
    )


def tiles(mails: Mails, now: datetime) -> Sequence[tuple[str, str, str]]:
    """(what, how much, a remark)"""
    waiting = f"> {number_format(MOST_COUNTED)}" if mails.waiting > MOST_COUNTED else number_format(mails.waiting)
    overdue = gettext("none is overdue")
    if mails.overdue_since:
        overdue = gettext("overdue for %(age)s") % {"age": timesince(mails.overdue_since, now)}
    return [
        (gettext("Mails sent"), number_format(mails.by_state["sent"]), _in_days()),
        (gettext("Mails waiting"), waiting, overdue),
        (gettext("Bounce rate"), _percent(mails.bounce_rate), _in_days()),
        (gettext("Mails failed"), number_format(mails.by_state["failed"]), _in_days()),
    ]


def _percent(rate: float | None) -> str:
    return "–" if rate is None else gettext("%(number)s %%") % {"number": number_format(rate * 100, 1)}


def _in_days() -> str:
    return gettext("in %(days)d days") % {"days": DAYS}


def as_json(value: Any) -> Any:
    """Times as ISO 8601, days as keys too."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
