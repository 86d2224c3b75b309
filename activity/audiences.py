"""Who learns of an activity: rules over the people of an object before and after it happened.

The app that owns the object knows its people and hands them in as circles; a kind names its rule (`activity/kinds.py`).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

People = frozenset[uuid.UUID]


@dataclass(frozen=True, kw_only=True)
class Circle:
    """The people of an object at one moment: its owner, and everybody else who reads it.

    An invitation has a circle of its own: the creator of the event and the person invited, none of the other guests.
    """

    owner: uuid.UUID | None = None
    readers: People = frozenset()

    @property
    def everybody(self) -> People:
        return self.readers if self.owner is None else self.readers | {self.owner}


NOBODY = Circle()  # before an object is made and after it is deleted


@dataclass(frozen=True, kw_only=True)
class Place:
    """The tenant, room and event that an activity belongs to, if any; `title` is the event's at that moment."""

    tenant_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None
    event_id: uuid.UUID | None = None
    title: str = ""


NOWHERE = Place()

Rule = Callable[[Circle, Circle], People]  # of the circles before and after


def who_reads_it_now(before: Circle, after: Circle) -> People:
    return after.everybody


def who_read_it(before: Circle, after: Circle) -> People:
    return before.everybody


def who_still_reads_it(before: Circle, after: Circle) -> People:
    return before.everybody & after.everybody


def who_reads_or_read_it(before: Circle, after: Circle) -> People:
    return before.everybody | after.everybody


def who_gains_it(before: Circle, after: Circle) -> People:
    return after.everybody - before.everybody


def who_loses_it(before: Circle, after: Circle) -> People:
    return before.everybody - after.everybody


def owner_alone(before: Circle, after: Circle) -> People:
    return frozenset({before.owner, after.owner} - {None})  # type: ignore[arg-type]


def nobody(before: Circle, after: Circle) -> People:
    """Staff read it in the admin, and programs in the tenant's stream."""
    return frozenset()
