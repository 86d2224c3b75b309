"""Reports are recorded: each by itself, all in one transaction."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from activity.actors import Actor
from activity.audiences import Circle
from integrations.objects.access import circles
from integrations.objects.models import Object
from integrations.producers import livekit, models
from integrations.producers.envelopes import Envelope
from integrations.producers.kinds import Report
from integrations.producers.models import Binding, Producer
from integrations.producers.schemas import LONGEST_MESSAGE, MOST_PROBLEMS, Problem, step
from rest.errors import ApiError
from users.models import User

Key = tuple[str, str]  # a report's source and id


@dataclass(frozen=True)
class Verdict:
    status: str
    problems: tuple[Problem, ...] = ()


ACCEPTED, DUPLICATE = Verdict("accepted"), Verdict("duplicate")


def invalid(*problems: Problem) -> Verdict:
    return Verdict("invalid", problems)


@transaction.atomic
def accept_reports(*, producer: Producer, envelopes: Sequence[Envelope], actor: Actor) -> list[Verdict]:
    """In their order. The reports of one producer take turns, so one that comes twice at once is a duplicate."""
    producer = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
    known = _known(producer, envelopes)
    objects = _bound(producer, envelopes)
    people, users = circles(list(objects.values())), _users(producer, envelopes)
    verdicts: list[Verdict] = []
    accepted: list[Envelope] = []
    for envelope in envelopes:
        key = (envelope.source, envelope.id)
        if key in known:
            verdicts.append(DUPLICATE)
            continue
        verdict = _misfit(envelope, objects.get(envelope.subject), users)
        if verdict is None:
            one = objects[envelope.subject]
            verdict = _deliver(envelope, one, people[one.pk], actor)
        verdicts.append(verdict)
        if verdict is ACCEPTED:
            known.add(key)
            accepted.append(envelope)
    _keep(producer, accepted)
    return verdicts


def forget_reports(*, limit: int) -> int:
    """Those whose replay would be too old anyway, and what is remembered of LiveKit's webhooks."""
    livekit.forget(limit=limit)
    oldest = prunable().order_by("received_at").values("pk")[:limit]
    return models.Report.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).delete()[0]


def prunable() -> QuerySet[models.Report]:
    return models.Report.objects.filter(received_at__lt=timezone.now() - models.KEPT_FOR)


def _known(producer: Producer, envelopes: Sequence[Envelope]) -> set[Key]:
    rows = producer.reports.filter(
        source__in={one.source for one in envelopes}, event_id__in={one.id for one in envelopes}
    )
    return set(rows.values_list("source", "event_id"))


def _bound(producer: Producer, envelopes: Sequence[Envelope]) -> dict[uuid.UUID, Object]:
    """The objects that the reports are about and the producer is bound to, held, always in the same order."""
    mine = Binding.objects.filter(producer=producer, object__in={one.subject for one in envelopes})
    rows = Object.objects.select_for_update(no_key=True, of=("self",)).select_related("owner", "room")
    found = rows.filter(pk__in=mine.values("object"), deleted_at=None, owner__tenant=producer.tenant_id)
    return {one.pk: one for one in found.order_by("pk")}


def _users(producer: Producer, envelopes: Sequence[Envelope]) -> set[str]:
    named = {one.data["user_id"] for one in envelopes if isinstance(one.data.get("user_id"), str)}
    wanted = [user_id for name in named if (user_id := _uuid(name))]
    found = User.objects.filter(pk__in=wanted, tenant=producer.tenant_id) if wanted else User.objects.none()
    return {str(user_id) for user_id in found.values_list("pk", flat=True)}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _misfit(envelope: Envelope, one: Object | None, users: set[str]) -> Verdict | None:
    if one is None:
        return invalid(Problem("/subject", "The service is bound to no such object"))
    if one.type not in envelope.kind.about:
        types = ", ".join(sorted(envelope.kind.about))
        return invalid(Problem("/subject", f"This kind is about: {types}"))
    user_id = envelope.data.get("user_id")
    if not envelope.kind.is_extra and user_id is not None and user_id not in users:
        return invalid(Problem("/data/user_id", "There is nobody with this id"))
    return None


def _deliver(envelope: Envelope, one: Object, people: Circle, actor: Actor) -> Verdict:
    report = Report(
        id=envelope.id,
        source=envelope.source,
        type=envelope.kind.type,
        time=envelope.time,
        data=envelope.data,
        object=one,
        people=people,
        actor=actor,
    )
    try:
        with transaction.atomic():
            envelope.kind.deliver(report)
    except ValidationError as error:
        return invalid(*list(_told(error.detail, "/data"))[:MOST_PROBLEMS])
    except ApiError as error:
        return invalid(Problem("", str(error.detail)[:LONGEST_MESSAGE]))
    return ACCEPTED


def _told(detail: Any, at: str) -> Iterator[Problem]:
    if isinstance(detail, dict):
        for name, below in detail.items():
            yield from _told(below, at if name == "non_field_errors" else at + step(name))
    elif isinstance(detail, list):
        for one in detail:
            yield from _told(one, at)
    else:
        yield Problem(at[:LONGEST_MESSAGE], str(detail)[:LONGEST_MESSAGE])


def _keep(producer: Producer, accepted: Sequence[Envelope]) -> None:
    """In constant statements."""
    if not accepted:
        return
    now = timezone.now()
    models.Report.objects.bulk_create(
        models.Report(producer=producer, source=one.source, event_id=one.id, received_at=now) for one in accepted
    )
    last = {one.subject: one.kind.type for one in accepted}
    bindings = list(Binding.objects.filter(producer=producer, object__in=last))
    for binding in bindings:
        binding.reported_at, binding.reported_kind = now, last[binding.object_id]
    Binding.objects.bulk_update(bindings, ["reported_at", "reported_kind"])
    Producer.objects.filter(pk=producer.pk).update(reported_at=now)
