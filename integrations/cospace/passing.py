"""Takes what is too quick for the log (integrations/objects/signals.py) and keeps it until the sessions read it."""

import uuid
from collections.abc import Collection
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from integrations.cospace.dialect import seconds
from integrations.cospace.models import PassingEvent, Session, Subscription
from integrations.objects.signals import passing

# The detailed stream of an event, by the word its name begins with. Others go to all sessions of the people named.
STREAMS = {f"{kind}_": kind for kind in Subscription.Kind.values}
# Calls alone are a stream of people, not of an object.
OF_PEOPLE = Subscription.Kind.CALL
# This one reaches whoever has joined a presentation, subscribed or not.
TO_EVERYBODY = frozenset({"presentation_keepalive"})


@receiver(passing, dispatch_uid="cospace_passing")
def keep(
    name: str,
    object_id: uuid.UUID | None,
    data: dict[str, Any],
    user_ids: Collection[uuid.UUID] | None = None,
    key: str = "",
    **_kwargs: Any,
) -> None:
    """One row for each session. Of several with one key the last counts, in the place of the first."""
    sessions = sorted(_sessions(name, object_id, user_ids))
    now = seconds(timezone.now())
    rows = [
        PassingEvent(session_id=session, name=name, payload=data, key=key or None, time=now) for session in sessions
    ]
    if key:
        PassingEvent.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["session", "key"],
            update_fields=["name", "payload", "time"],
        )
    else:
        PassingEvent.objects.bulk_create(rows)


def _sessions(name: str, object_id: uuid.UUID | None, user_ids: Collection[uuid.UUID] | None) -> set[uuid.UUID]:
    kind = next((kind for start, kind in STREAMS.items() if name.startswith(start)), "")
    people = {} if user_ids is None else {"user__in": user_ids}
    if not kind or name in TO_EVERYBODY:
        return set(Session.objects.filter(**people).values_list("pk", flat=True)) if people else set()
    subscribed = Subscription.objects.filter(kind=kind, object_id=None if kind == OF_PEOPLE else object_id)
    if user_ids is not None:
        subscribed = subscribed.filter(session__user__in=user_ids)
    return set(subscribed.values_list("session", flat=True))
