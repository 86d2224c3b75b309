"""Takes what is too quick for the log (integrations/objects/signals.py) and keeps it until the sessions read it."""

import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from activity import waking
from integrations.cospace.models import PassingEvent, Session, Subscription
from integrations.cospace.sessions import alive
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
    """One row for each session. Of several with one key the last counts, in its own place."""
    kind = "" if name in TO_EVERYBODY else _stream(name)
    found = _sessions(kind, object_id, user_ids)
    # In a fixed order, so that two that do the same do not wait for each other in a ring.
    sessions = list(found.order_by("pk").values_list("pk", "user"))
    at = int(timezone.now().timestamp() * 1_000_000)
    about: dict[str, Any] = {"object_id": object_id if kind else None, "name": name, "payload": data, "at": at}
    rows = [PassingEvent(session_id=session, key=key[:255] or None, **about) for session, _user in sessions]
    if not rows:
        return
    if key:
        newest: dict[str, Any] = {
            "update_conflicts": True,
            "unique_fields": ["session", "key"],
            "update_fields": [*about],
        }
        PassingEvent.objects.bulk_create(rows, **newest)
    else:
        PassingEvent.objects.bulk_create(rows)
    waking.announce((user for _session, user in sessions), at_once=True)


def _stream(name: str) -> str:
    return next((kind for start, kind in STREAMS.items() if name.startswith(start)), "")


def _sessions(kind: str, object_id: uuid.UUID | None, user_ids: Collection[uuid.UUID] | None) -> QuerySet[Session]:
    """Of no detailed stream is what is for certain people."""
    found = alive().exclude(user=None)
    if user_ids is not None:
        found = found.filter(user__in=user_ids)
    if not kind:
        return found if user_ids is not None else found.none()
    subscribed = Subscription.objects.filter(kind=kind, object_id=None if kind == OF_PEOPLE else object_id)
    return found.filter(pk__in=subscribed.values("session"))
