"""What others report of the people in a room: who came, who left, who is muted. The differences are the events.

Coming and going, and the meeting's beginning and end, are in the log in the same kinds as those of this site's own live
meeting; the rest passes. The two are one conference: it begins with the first of both and ends with the last, and where
this site's own ends while others report somebody, it goes on as theirs.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.kind import Kind
from activity.log import Entry, record, record_all
from activity.meeting_kinds import MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft
from activity.models import Activity
from integrations.objects import presence
from integrations.objects.models.conferences import ReportedConference, ReportedMember
from integrations.objects.presence import STATE, Member
from integrations.objects.signals import passing
from rooms import access as rooms
from rooms.models import Room

Members = Mapping[uuid.UUID, Member]
COLUMNS = ("user_id", "display_name", "phone", *STATE, "expires_at")


@transaction.atomic
def report_members(*, room: Room, source: str, members: Members, expires_at: datetime, actor: Actor) -> None:
    """All whom the source sees in the room now; whoever it saw before and does not name has left."""
    _settle(room, actor, lambda: _keep(room.pk, source, members, expires_at, leaving=None))


@transaction.atomic
def change_members(
    *,
    room: Room,
    source: str,
    members: Members,
    left: Collection[uuid.UUID] = (),
    expires_at: datetime,
    actor: Actor,
) -> None:
    """Some who came or changed, and who left; of the others nothing is said, but that the source is there."""

    def change() -> None:
        _keep(room.pk, source, members, expires_at, leaving=left)
        ReportedMember.objects.filter(conference=room.pk, source=source).update(expires_at=expires_at)

    _settle(room, actor, change)


@transaction.atomic
def expire_members(*, room: Room, actor: Actor) -> None:
    """Those of whom their source has said nothing for too long have left."""
    _settle(room, actor, lambda: None)


def expired() -> set[uuid.UUID]:
    """The rooms that have such people."""
    gone = ReportedMember.objects.filter(expires_at__lte=timezone.now())
    return set(gone.order_by().values_list("conference_id", flat=True).distinct())


def go_on(sender: Any, activities: Iterable[Activity], **_signal: Any) -> None:
    """Receives activity.signals.recorded: this site's own live meeting ends while others still report somebody."""
    for activity in activities:
        if activity.kind == MeetingEnded.name and activity.room_id:
            _go_on(activity.room_id)


def _go_on(room_id: uuid.UUID) -> None:
    there = ReportedMember.objects.filter(conference=room_id, expires_at__gt=timezone.now())
    source = there.values_list("source", flat=True).first()
    conference = ReportedConference.objects.select_for_update().filter(pk=room_id).first() if source else None
    if source is None or conference is None:
        return
    session = conference.session or uuid.uuid4()
    # Not by save: a step of a live meeting asks PostgreSQL later how many rows were changed.
    ReportedConference.objects.filter(pk=room_id).update(session=session)
    room = Room.objects.get(pk=room_id)
    _record(room, Actor.by_service(source), MeetingStarted(session=str(session)))


def _settle(room: Room, actor: Actor, change: Callable[[], None]) -> None:
    """Changes the rows and tells what has become of it."""
    ReportedConference.objects.get_or_create(room=room)
    conference = ReportedConference.objects.select_for_update().get(pk=room.pk)
    before = _all(room.pk)
    change()
    ReportedMember.objects.filter(conference=room.pk, expires_at__lte=timezone.now()).delete()
    after = presence.members(room.pk)
    _tell(room, actor, conference, before, after)


def _all(room_id: uuid.UUID) -> dict[uuid.UUID, Member]:
    """As `presence.members`, with those whose time is up: nobody was told yet that they left."""
    found = presence.own(room_id)
    for row in ReportedMember.objects.filter(conference=room_id):
        found[row.member_id] = presence.overlaid(found.get(row.member_id), row)
    return found


def _keep(
    room_id: uuid.UUID, source: str, members: Members, expires_at: datetime, leaving: Collection[uuid.UUID] | None
) -> None:
    """In constant statements. `leaving` None: all who are not named."""
    rows = ReportedMember.objects.filter(conference=room_id, source=source)
    (rows.exclude(member_id__in=members) if leaving is None else rows.filter(member_id__in=leaving)).delete()
    ReportedMember.objects.bulk_create(
        [
            ReportedMember(
                conference_id=room_id,
                source=source,
                member_id=member_id,
                expires_at=expires_at,
                **{name: getattr(member, name) for name in COLUMNS if name != "expires_at"},
            )
            for member_id, member in members.items()
        ],
        update_conflicts=True,
        unique_fields=["conference", "source", "member_id"],
        update_fields=COLUMNS,
    )


def _tell(room: Room, actor: Actor, conference: ReportedConference, before: Members, after: Members) -> None:
    is_reported = ReportedMember.objects.filter(conference=conference).exists()
    circle, place = rooms.circle(room), rooms.place(room)
    is_live = presence.is_live(room.pk)
    kinds: list[Kind] = []
    if is_reported and conference.session is None:
        conference.session = uuid.uuid4()
        kinds += [] if is_live else [MeetingStarted(session=str(conference.session))]
    come = {key: member for key, member in after.items() if key not in before}
    kinds += [ParticipantJoined(**_facts(key, member)) for key, member in come.items()]
    gone = {key: member for key, member in before.items() if key not in after}
    kinds += [ParticipantLeft(**_facts(key, member), reason="quit") for key, member in gone.items()]
    if not is_reported and conference.session is not None:
        kinds += [] if is_live else [MeetingEnded(session=str(conference.session))]
        conference.session = None
    conference.save(update_fields=["session"])
    _log(room, actor, kinds, circle, place)
    _pass(room.pk, before, after)


def _log(room: Room, actor: Actor, kinds: list[Kind], circle: Circle, place: Place) -> None:
    if kinds:
        about: dict[str, Any] = {"subject": room, "place": place, "before": circle, "after": circle}
        record_all([Entry(kind=kind, **about) for kind in kinds], actor=actor)


def _record(room: Room, actor: Actor, kind: Kind) -> None:
    circle = rooms.circle(room)
    record(kind, actor=actor, subject=room, place=rooms.place(room), before=circle, after=circle)


def _facts(member_id: uuid.UUID, member: Member) -> dict[str, Any]:
    return {
        "participant_id": str(member_id),
        "user_id": str(member.user_id) if member.user_id else None,
        "display_name": member.display_name or member.phone,
        "participation_kind": "user" if member.user_id else "sip" if member.phone else "guest",
        "breakout_room": None,
    }


def _pass(room_id: uuid.UUID, before: Members, after: Members) -> None:
    """Of each who stays only what has changed. Of several that change the same, the last counts."""
    for key, member in after.items():
        known = before[key].told() if key in before else member.told()
        changed = {name: value for name, value in member.told().items() if known.get(name) != value}
        if changed:
            passing.send(
                ReportedMember,
                name="conference_update",
                object_id=room_id,
                data={"conference": str(room_id), "member": {str(key): changed}},
                user_ids=None,
                key=f"conference {room_id} {key} {' '.join(sorted(changed))}",
            )


def lifetime(seconds: int) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)
