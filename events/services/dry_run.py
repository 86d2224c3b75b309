"""What a change would do: carried out and measured in a transaction that is then undone.

So the real run does exactly that.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.utils.translation import get_supported_language_variant

from activity.log import last_position, recorded_since
from calendars.addresses import canonical
from events.models import Event, EventException
from events.services.events import locked_parts
from mailer import quota
from mailer.kinds import from_json
from mailer.models import OutgoingMail
from mailer.render import language_of
from mailer.suppression import suppressed
from site_settings.values import present

Result = TypeVar("Result")


@dataclass(frozen=True, order=True)
class MailGroup:
    """Mails of one kind, in one language of the site; `address_state` is "ok", or "suppressed": they would not go."""

    kind: str
    language: str
    address_state: str


@dataclass(frozen=True)
class MailQuota:
    """The tenant's, for today: the limit, None without one; mails that have used it; how many of these would wait."""

    limit: int | None
    used: int
    withheld: int


@dataclass(frozen=True)
class Effects:
    """`participants` are those of the meeting afterwards, its creator included; `limit` is what the tariff allows."""

    mails: Counter[MailGroup]
    kept: list[EventException]
    dropped: list[EventException]
    participants: int
    limit: int | None
    quota: MailQuota


def effects_of(do: Callable[[], object], *, event: Event | None) -> Effects:
    """Calls `do`, a use case, and undoes it; `event` is the one that it changes. Raises what it raises."""
    with transaction.atomic():
        effects, _result = measured(do, event=event)
        transaction.set_rollback(True)
    return effects


def measured(do: Callable[[], Result], *, event: Event | None) -> tuple[Effects, Result]:
    """Calls `do` in the caller's transaction; what it did there, and what it returned."""
    # Under the lock that the use case takes: what is read now is what it works on.
    before = list(locked_parts(event)[0].exceptions.all()) if event else []
    since = last_position()
    result = do()
    kept_ids = set(EventException.objects.filter(pk__in=[row.pk for row in before]).values_list("pk", flat=True))
    after = event or (result if isinstance(result, Event) else None)
    mails = _mails(since)
    effects = Effects(
        mails=mails,
        quota=_quota(mails, event or after),
        kept=[row for row in before if row.pk in kept_ids],
        dropped=[row for row in before if row.pk not in kept_ids],
        participants=_participants(after),
        limit=_limit(after),
    )
    return effects, result


def of_invitations(event: Event, mails: Counter[MailGroup], *, count: int) -> Effects:
    """Of so many invitations together, whose mails were measured in runs that were undone one by one."""
    return Effects(
        mails=mails,
        quota=_quota(mails, event),
        kept=[],
        dropped=[],
        participants=_participants(event) + count,
        limit=_limit(event),
    )


def _mails(since: int) -> Counter[MailGroup]:
    mails = list(OutgoingMail.objects.filter(cause__in=recorded_since(since)).values_list("kind", "message", "address"))
    off = suppressed(address for _kind, _message, address in mails)
    return Counter(
        MailGroup(
            kind,
            get_supported_language_variant(language_of(from_json(message))),
            "suppressed" if canonical(address) in off else "ok",
        )
        for kind, message, address in mails
    )


def _quota(mails: Counter[MailGroup], event: Event | None) -> MailQuota:
    limit = present("MAIL_TENANT_DAILY_QUOTA")
    if not limit or event is None:
        return MailQuota(None, 0, 0)
    used = quota.used(event.tenant_id)
    going = sum(count for group, count in mails.items() if group.address_state == "ok")
    return MailQuota(limit, used, min(going, max(0, used + going - limit)))


def _participants(event: Event | None) -> int:
    if event is None or not Event.objects.filter(pk=event.pk).exists():
        return 0
    return 1 + event.invites.count() + event.email_invites.count()


def _limit(event: Event | None) -> int | None:
    """What the tariff of its creator says of participants."""
    tariff = event.created_by.tariff if event else None
    return tariff.quotas.get("room_participant_limit") if tariff else None
