"""One step of a session: lock its row, bring what this process knows up to date, play, save, send after the commit."""

import copy
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from django.db import DatabaseError, transaction
from django.db.models import UUIDField
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.audiences import Place as LogPlace
from activity.log import record
from activity.models import Activity
from database.compiled import Compiled, Insert, Parameter
from database.pipeline import together
from events import access as events
from rooms import access as rooms
from rooms.models import Room as RoomRow
from signaling import steps, work
from signaling.bus import Publication, bus, packed
from signaling.effects import STAFF, By, Record
from signaling.models import Broadcast, ModuleState, RoomSession, Span
from signaling.models import Entry as EntryRow
from signaling.models import Participant as ParticipantRow
from signaling.modules import MODULES
from signaling.room import Entry, Kind, Participant, Place, Role, Room, S, Where
from signaling.services import chat_records
from signaling.services.about import info_of, open_session
from signaling.steps import Outcome, moment

logger = logging.getLogger(__name__)
COLUMNS = tuple(name for name in Participant.__struct_fields__ if name != "id")
SESSION_COLUMNS = ("has_waiting_room", "allows_hands", "started_at", "closes_at", "ended_at")
# How old what the log says of the room may be: somebody invited meanwhile does not read what was said till then.
SUBJECT_AGE = timedelta(minutes=1)


# What almost every step reads and writes.
_LIVE = Compiled(
    RoomSession.objects.select_for_update(no_key=True).filter(room=Parameter("room", UUIDField()), ended_at=None)[:1]
)
_SESSION = Compiled(RoomSession.objects.filter(pk=Parameter("id", UUIDField())))
_ENTRY, _BROADCAST = Insert(EntryRow), Insert(Broadcast)


@dataclass(frozen=True)
class Subject:
    """What the log says of the room, read when something happened to it, and now and then."""

    room: RoomRow
    circle: Circle
    place: LogPlace
    read_at: datetime


@dataclass
class Replica:
    """What a process knows of a session after a step; `saved` is how the people's rows are."""

    room: Room
    step: int
    saved: dict[uuid.UUID, Participant] = field(default_factory=dict)
    subject: Subject | None = None


@dataclass
class Taken:
    """`replica` is None where no session is live, or no longer."""

    replica: Replica | None
    outcome: Outcome
    session: uuid.UUID | None = None
    step: int = 0
    was_sent: bool = False


Act = Callable[[Room], Outcome]


def take_step(*, room_id: uuid.UUID, act: Act, **how: Any) -> Taken:
    """`act` changes the room. Where it raises, nothing has happened and the replica is no longer good.

    `how` is as in `_step`. What may be logged late is logged when the step is on its way to everybody.
    """
    taken = _step(room_id, act, **how)
    late = [entry for entry in taken.outcome.records if entry.is_late]
    if late and taken.replica is not None:
        _log_late(taken.replica, late)
    return taken


@transaction.atomic
def _step(
    room_id: uuid.UUID,
    act: Act,
    *,
    replica: Replica | None = None,
    is_opening: bool = False,
    is_informed: bool = False,
    actor: Actor | None = None,
) -> Taken:
    """`is_opening` makes the session where there is none; otherwise there is no step without one.

    That, or `is_informed`, reads anew what other apps say of the room. `actor` did what `act` records as by STAFF.
    """
    session = _locked(room_id, is_opening=is_opening)
    if session is None:
        return Taken(None, Outcome())
    replica = _up_to_date(session, replica)
    room = replica.room
    room.now = moment(timezone.now(), session.last_at)
    if is_opening or is_informed:
        room.info, replica.subject = info_of(session, room.now), None
    outcome = act(room)
    with together():
        has_changed = _save(session, replica, outcome, actor)
        if has_changed or outcome.deliveries:
            _send(session, replica, outcome)
    taken = Taken(replica, outcome, session.pk, session.step, has_changed or bool(outcome.deliveries))
    if room.ended_at is not None:
        _end(session)
        taken.replica = None
    return taken


def settle(*, room_id: uuid.UUID, taken: Taken) -> None:
    """The work that a step asked for, and the steps that its answers are; for where no hub does it."""
    for namespace, asked in taken.outcome.asked:
        event = work.done(room_id, namespace, asked)
        after = take_step(room_id=room_id, act=partial(steps.answered, namespace=namespace, event=event))
        settle(room_id=room_id, taken=after)


def state_of(*, room_id: uuid.UUID, kind: type[S], place: Place = None) -> S | None:
    """What a module keeps of the room's live session, for views and other services."""
    namespace = kind.__module__.rpartition(".")[2]
    rows = ModuleState.objects.filter(
        session__room=room_id, session__ended_at=None, namespace=namespace, place=_text(place)
    )
    data = rows.values_list("data", flat=True).first()
    return None if data is None else msgspec.json.decode(data, type=kind)


def read(*, replica: Replica) -> Replica:
    """The replica as of now, for what changes nothing."""
    return _up_to_date(RoomSession.objects.get(pk=replica.room.session), replica)


def _locked(room_id: uuid.UUID, *, is_opening: bool) -> RoomSession | None:
    live = _LIVE.given(room=room_id)
    session: RoomSession | None = live.first()
    if session is None and is_opening:
        # Those who open one follow each other, and the room's deletion waits for them.
        room = RoomRow.objects.select_for_update(no_key=True, of=("self",)).select_related("created_by__tariff")
        found = room.filter(pk=room_id).first()
        if found is not None:
            session = live.first() or open_session(found, timezone.now())
    return session


# --- From the database ---


def _up_to_date(session: RoomSession, replica: Replica | None) -> Replica:
    if replica is None or replica.room.session != session.pk:
        replica = Replica(_room(session), step=-1)
    if replica.step < session.step:
        _read_people(session, replica)
        _read_states(session, replica)
        _read_session(session, replica.room)
        replica.step = session.step
    return replica


def _room(session: RoomSession) -> Room:
    return Room(
        id=session.room_id,
        session=session.pk,
        now=session.last_at or session.opened_at,
        info=info_of(session, timezone.now()),
        entries=lambda namespace, place: _entries(session.pk, namespace, place),
    )


def _read_session(session: RoomSession, room: Room) -> None:
    for name in SESSION_COLUMNS:
        setattr(room, name, getattr(session, name))
    room.deadlines = {key: datetime.fromisoformat(at) for key, at in session.deadlines.items()}


def _read_people(session: RoomSession, replica: Replica) -> None:
    for row in session.participants.filter(step__gt=replica.step).order_by("pk").values("participant_id", *COLUMNS):
        person = Participant(id=row.pop("participant_id"), **row)
        person.kind, person.role, person.where = Kind(person.kind), Role(person.role), Where(person.where)
        person.groups = tuple(person.groups)
        replica.room.participants[person.id] = person
        replica.saved[person.id] = copy.copy(person)


def _read_states(session: RoomSession, replica: Replica) -> None:
    rows = session.states.filter(step__gt=replica.step).values_list("namespace", "place", "data")
    for namespace, place, data in rows:
        key = (namespace, uuid.UUID(place) if place else None)
        replica.room.stored[key] = data
        replica.room.states.pop(key, None)


def _entries(session_id: uuid.UUID, namespace: str, place: Place) -> list[Entry]:
    rows = EntryRow.objects.filter(session=session_id, namespace=namespace, place=_text(place)).order_by("pk")
    return [Entry(at=at.astimezone(UTC), data=data) for at, data in rows.values_list("at", "data")]


# --- Into the database ---


def _save(session: RoomSession, replica: Replica, outcome: Outcome, actor: Actor | None) -> bool:
    """Whether there was anything to save."""
    people = _changed_people(replica)
    step = session.step + 1
    if people:
        _save_people(session, people, step)
        _save_spans(session, replica, people)
    states = _save_states(session, replica.room, step)
    _save_notes(session, outcome, replica.room.now)
    _log(replica, [entry for entry in outcome.records if not entry.is_late], actor)
    for person in people:
        replica.saved[person.id] = copy.copy(person)
    columns = _take_columns(session, replica.room)
    return bool(people or states or columns or outcome.notes or outcome.records)


def _changed_people(replica: Replica) -> list[Participant]:
    return [person for key, person in replica.room.participants.items() if person != replica.saved.get(key)]


def _save_people(session: RoomSession, people: list[Participant], step: int) -> None:
    ParticipantRow.objects.bulk_create(
        [
            ParticipantRow(
                session=session,
                participant_id=person.id,
                step=step,
                **{name: getattr(person, name) for name in COLUMNS} | {"groups": list(person.groups)},
            )
            for person in people
        ],
        update_conflicts=True,
        unique_fields=["session", "participant_id"],
        update_fields=[*COLUMNS, "step"],
    )


def _save_spans(session: RoomSession, replica: Replica, people: list[Participant]) -> None:
    """A time in the meeting begins with each coming, also into another place, and ends with each going."""
    ended, begun = [], []
    for person in people:
        before = replica.saved.get(person.id)
        was_in = before is not None and before.is_joined
        is_same = was_in and before is not None and person.is_joined and before.joined_at == person.joined_at
        if was_in and not is_same:
            ended.append(person.id)
        if person.is_joined and not is_same:
            begun.append(person)
    now = replica.room.now
    if ended:
        Span.objects.filter(session=session, participant_id__in=ended, left_at=None).update(left_at=now)
    if begun:
        Span.objects.bulk_create(
            Span(session=session, participant_id=person.id, place=person.place, joined_at=now) for person in begun
        )


def _save_states(session: RoomSession, room: Room, step: int) -> bool:
    changed = []
    for key, state in room.states.items():
        data = msgspec.json.encode(state).decode()
        if data != room.stored.get(key):
            room.stored[key] = data
            changed.append(ModuleState(session=session, namespace=key[0], place=_text(key[1]), data=data, step=step))
    if changed:
        ModuleState.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["session", "namespace", "place"],
            update_fields=["data", "step"],
        )
    return bool(changed)


def _save_notes(session: RoomSession, outcome: Outcome, now: datetime) -> None:
    for note in outcome.notes:
        where: dict[str, Any] = {"session": session, "namespace": note.namespace, "place": _text(note.place)}
        data = msgspec.to_builtins(note.data)
        if note.is_forgotten:
            EntryRow.objects.filter(**where, **{f"data__{name}": value for name, value in data.items()}).delete()
        else:
            _ENTRY.row(session_id=session.pk, namespace=note.namespace, place=_text(note.place), at=now, data=data)


def _take_columns(session: RoomSession, room: Room) -> bool:
    """Into the row that `_send` saves; whether any is another."""
    deadlines = {key: at.isoformat() for key, at in room.deadlines.items()}
    columns = {name: getattr(room, name) for name in SESSION_COLUMNS}
    if deadlines == session.deadlines and all(getattr(session, name) == value for name, value in columns.items()):
        return False
    session.deadlines = deadlines
    session.next_deadline_at = min(room.deadlines.values(), default=None)
    for name, value in columns.items():
        setattr(session, name, value)
    return True


def _send(session: RoomSession, replica: Replica, outcome: Outcome) -> None:
    session.step = replica.step = session.step + 1
    session.last_at = replica.room.now
    columns = ("step", "last_at", "deadlines", "next_deadline_at", *SESSION_COLUMNS)
    _SESSION.given(id=session.pk).update(**{name: getattr(session, name) for name in columns})
    _BROADCAST.row(session_id=session.pk, step=session.step, sent_at=session.last_at, body=packed(outcome.deliveries))
    publication = Publication(session.room_id, session.pk, session.step, outcome.deliveries)
    transaction.on_commit(lambda: bus.publish(publication))


def _end(session: RoomSession) -> None:
    """What the modules do not keep goes with the session, and from where people came."""
    kept = [module.name for module in MODULES.values() if module.keeps_entries]
    if chat_records.are_kept():
        kept.append(chat_records.NAMESPACE)
    session.participants.exclude(address="").update(address="")
    session.entries.exclude(namespace__in=kept).delete()
    session.states.all().delete()


def _log_late(replica: Replica, records: list[Record]) -> None:
    """The step has happened, whatever becomes of this."""
    try:
        with transaction.atomic():
            _log(replica, records, None)
    except DatabaseError:
        logger.exception("%d activities of a live meeting are not in the log", len(records))


def _log(replica: Replica, records: list[Record], staff: Actor | None) -> None:
    if not records:
        return
    about = replica.subject = _subject(replica)
    for entry in records:
        actor = staff if entry.by == STAFF and staff else _actor(entry.by)
        circle = about.circle
        record(entry.kind, actor=actor, subject=about.room, place=about.place, before=circle, after=circle)


def _subject(replica: Replica) -> Subject:
    known, now = replica.subject, replica.room.now
    if known is not None and now - known.read_at < SUBJECT_AGE:
        return known
    room = RoomRow.objects.get(pk=replica.room.id)
    event = events.latest_of_room(room, now)
    return Subject(room, rooms.circle(room), events.place(event) if event else rooms.place(room), now)


def _actor(who: By) -> Actor:
    if not isinstance(who, Participant):
        return Actor.by_service("signaling")
    kind = Activity.ActorKind.USER if who.user_id else Activity.ActorKind.PARTICIPANT
    return Actor(kind, Activity.Via.PROTOCOL, None, who.display_name, who.user_id or who.id)


def _text(place: Place) -> str:
    return str(place) if place else ""
