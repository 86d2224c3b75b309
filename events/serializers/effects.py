"""The response to a change with `dry_run`."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from calendars.times import instance_id
from events.models import EventException
from events.services.dry_run import Effects
from events.services.instances import MOST_EXCEPTIONS
from mailer.kinds import KINDS
from rest import fields

MOST_GROUPS = 20 * len(KINDS)


class MailsOfOneKind(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=64)
    language = serializers.CharField(max_length=16)
    address_state = serializers.ChoiceField(["ok", "suppressed"])
    count = serializers.IntegerField(min_value=1)


class ExceptionInDryRun(serializers.Serializer[Any]):
    """One occurrence that is not as the series says, by its original start."""

    instance_id = serializers.CharField(max_length=20)
    status = serializers.ChoiceField(["ok", "cancelled"])


class ExceptionsInDryRun(serializers.Serializer[Any]):
    kept = fields.several(ExceptionInDryRun, MOST_EXCEPTIONS)
    dropped = fields.several(ExceptionInDryRun, MOST_EXCEPTIONS)


class ParticipantsInDryRun(serializers.Serializer[Any]):
    """How many people the meeting would have, its creator included; `limit` is the tariff's, null without one."""

    count = serializers.IntegerField(min_value=0)
    limit = serializers.IntegerField(allow_null=True)


class QuotaInDryRun(serializers.Serializer[Any]):
    """The tenant's mails of today: what it may send (null: any number), has sent, and how many of these would wait."""

    limit = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField(min_value=0)
    withheld = serializers.IntegerField(min_value=0)


class DryRun(serializers.Serializer[Any]):
    """What would happen; nothing was changed."""

    mails = fields.several(MailsOfOneKind, MOST_GROUPS)
    exceptions = ExceptionsInDryRun()
    participants = ParticipantsInDryRun()
    quota = QuotaInDryRun()


def effects_resource(effects: Effects) -> dict[str, Any]:
    return {
        "mails": [
            {"kind": group.kind, "language": group.language, "address_state": group.address_state, "count": count}
            for group, count in sorted(effects.mails.items())
        ],
        "exceptions": {
            "kept": [_exception(exception) for exception in effects.kept],
            "dropped": [_exception(exception) for exception in effects.dropped],
        },
        "participants": {"count": effects.participants, "limit": effects.limit},
        "quota": asdict(effects.quota),
    }


def _exception(exception: EventException) -> dict[str, str]:
    is_cancelled = exception.kind == EventException.Kind.CANCELLED
    return {
        "instance_id": instance_id(exception.original_starts_at),
        "status": "cancelled" if is_cancelled else "ok",
    }
