"""Changes of meetings that staff confirm first, with what they do in words (staff/effects.py)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.models import Activity
from events.admin_times import start_in_words
from events.models import Event, EventException
from events.services.dry_run import Effects, MailGroup, measured
from events.services.events import locked_parts
from mailer.kind_names import kind_name
from mailer.models import OutgoingMail
from rest.errors import NotFound
from rest.request_id import current
from site_settings.values import present
from staff.effects import Effect, Part, confirm

Result = TypeVar("Result")
ADDRESS_STATES = {"ok": _("will be sent"), "suppressed": _("not sent: the address is suppressed")}


@transaction.atomic
def change_confirmed(
    request: HttpRequest,
    do: Callable[[], Result],
    *,
    event: Event,
    title: str,
    changes: Sequence[tuple[Any, ...]] = (),
    lines: Sequence[str] = (),
    is_grave: bool = False,
    back: str = "",
) -> Result:
    """Calls `do`, which changes this meeting. Raises what it raises, and Http404 where it was deleted meanwhile.

    Asks where somebody is mailed or an exception is lost, and always if it `is_grave`. `changes`: what, old, new.
    """
    try:
        effects, result, facts = _measured(do, event)
    except NotFound:
        raise Http404 from None
    if is_grave or effects.mails or effects.dropped:
        told = in_words(effects, event, facts)
        head = (gettext("What"), gettext("Now"), gettext("Then"))
        parts = [*([Part(gettext("Changes"), changes, head)] if changes else ()), *told.parts]
        effect = replace(told, lines=[*lines, *told.lines], parts=parts)
        confirm(request, effect, title=title, opts=event._meta, original=event, back=back)
    return result


def measured_in_words(do: Callable[[], object], *, event: Event) -> Effect:
    """Calls `do`, which changes this meeting, and says what it did, for pages that add words of their own."""
    effects, _result, facts = _measured(do, event)
    return in_words(effects, event, facts)


def _measured(do: Callable[[], Result], event: Event) -> tuple[Effects, Result, Any]:
    """Also which state of the meeting it was done to, under the lock that is held then."""
    facts = [event.pk, locked_parts(event)[0].sequence]
    return *measured(do, event=event), facts


def in_words(effects: Effects, event: Event, facts: Any = None) -> Effect:
    return Effect(
        lines=[mails_in_words([effects]), *_dropped_in_words(effects)],
        parts=[*_exceptions(effects, event), *mails_by_kind([effects])],
        warnings=[*not_sent([(event, effects)]), *_too_many(effects)],
        facts=facts,
    )


def notified(event: Event) -> str:
    """By what the log and the outbox have of this request; "" where nothing was changed."""
    causes = Activity.objects.filter(event_id=event.pk, request_id=current())
    if not causes.exists():
        return ""
    count = OutgoingMail.objects.filter(cause__in=causes.values("id")).count()
    if not count:
        return gettext("Nobody is notified.")
    return ngettext(
        "Everyone invited is notified (%(count)d mail).", "Everyone invited is notified (%(count)d mails).", count
    ) % {"count": count}


# --- mails ---


def mails_in_words(runs: Sequence[Effects]) -> str:
    """`14 mails will be sent, in 3 languages.`"""
    mails = _mails(runs)
    if not mails:
        return gettext("Nobody is mailed.")
    going = [group for group in mails if group.address_state == "ok"]
    count, languages = sum(mails[group] for group in going), {group.language for group in going}
    text = ngettext("%(count)d mail will be sent", "%(count)d mails will be sent", count) % {"count": count}
    if len(languages) > 1:
        text += ", " + gettext("in %(count)d languages") % {"count": len(languages)}
    return text + "."


def mails_by_kind(runs: Sequence[Effects]) -> list[Part]:
    rows = [
        (kind_name(group.kind), language_name(group.language), ADDRESS_STATES[group.address_state], count)
        for group, count in sorted(_mails(runs).items())
    ]
    head = (gettext("Mail"), gettext("Language"), gettext("State"), gettext("Number"))
    return [Part(gettext("Mails"), rows, head)] if rows else []


def not_sent(runs: Iterable[tuple[Event, Effects]]) -> list[str]:
    """Warnings of suppressed addresses, and of what is more than the tenants may send today."""
    suppressed, going, used = 0, Counter[Any](), {}
    for event, effects in runs:
        for group, count in effects.mails.items():
            suppressed += count if group.address_state == "suppressed" else 0
            going[event.tenant_id] += count if group.address_state == "ok" else 0
        used[event.tenant_id] = effects.quota.used
    limit = present("MAIL_TENANT_DAILY_QUOTA")
    waiting = sum(min(count, max(0, used[tenant] + count - limit)) for tenant, count in going.items()) if limit else 0
    return [*of_suppressed(suppressed), *_of_quota(waiting, limit)]


def of_suppressed(count: int) -> list[str]:
    text = ngettext(
        "%(count)d mail will not be sent, because its address is suppressed.",
        "%(count)d mails will not be sent, because their addresses are suppressed.",
        count,
    )
    return [text % {"count": count}] if count else []


def _of_quota(count: int, limit: int) -> list[str]:
    text = ngettext(
        "%(count)d mail will wait until tomorrow: the tenant may send %(limit)d mails a day.",
        "%(count)d mails will wait until tomorrow: the tenant may send %(limit)d mails a day.",
        count,
    )
    return [text % {"count": count, "limit": limit}] if count else []


def language_name(code: str) -> str:
    return str(get_language_info(code)["name_translated"])


def _mails(runs: Sequence[Effects]) -> Counter[MailGroup]:
    return sum((effects.mails for effects in runs), Counter())


# --- exceptions and people ---


def _dropped_in_words(effects: Effects) -> list[str]:
    count = len(effects.dropped)
    text = ngettext(
        "%(count)d date loses its change, because the series no longer has it.",
        "%(count)d dates lose their changes, because the series no longer has them.",
        count,
    )
    return [text % {"count": count}] if count else []


def _exceptions(effects: Effects, event: Event) -> list[Part]:
    """What is kept is told where something is lost."""
    if not effects.dropped:
        return []
    lists = {gettext("Dates that lose their change"): effects.dropped}
    lists |= {gettext("Dates that keep their change"): effects.kept} if effects.kept else {}
    return [Part(heading, [_exception(row, event) for row in rows]) for heading, rows in lists.items()]


def _exception(row: EventException, event: Event) -> tuple[str, str]:
    return start_in_words(event, row.original_starts_at), row.get_kind_display()


def _too_many(effects: Effects) -> list[str]:
    if effects.limit is None or effects.participants <= effects.limit:
        return []
    text = gettext("%(count)d people are in the meeting, the tariff of its creator allows %(limit)d.")
    return [text % {"count": effects.participants, "limit": effects.limit}]
