"""LiveKit's webhooks: who is connected to its rooms, and whose microphone is on.

A webhook may come twice and later than another one that it should precede. So each event counts once; a connection,
track or room that is over does not begin again; and who came back by another connection stays when the old one ends.
"""

import base64
import hashlib
import hmac
import uuid
from dataclasses import replace
from datetime import timedelta

import jwt
import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from integrations.objects import presence
from integrations.objects.models import ReportedConference, ReportedMember
from integrations.objects.presence import Member
from integrations.objects.services.conferences import change_members, lifetime, report_members
from integrations.producers.models import LiveKitNote
from rest.errors import InvalidJson, Unauthorized
from rooms.models import Room
from signaling.models import Participant

# LiveKit says when people go; this is for one that crashed and never will.
LIFETIME_SECONDS = 86_400
KEPT_FOR = timedelta(days=1)
LEEWAY_SECONDS = 60
NAME = "LiveKit"


class Track(msgspec.Struct):
    sid: str = ""
    type: str | int = "AUDIO"  # protobuf's JSON leaves out what is the first of a list
    source: str | int = ""
    muted: bool = False

    @property
    def is_microphone(self) -> bool:
        return self.source in ("MICROPHONE", 2)


class Connection(msgspec.Struct):
    """LiveKit's participant: `identity` is ours for people of this site's own live meeting."""

    identity: str = ""
    sid: str = ""
    name: str = ""
    attributes: dict[str, str] = {}


class LiveKitRoom(msgspec.Struct):
    name: str = ""
    sid: str = ""


class Webhook(msgspec.Struct):
    event: str
    id: str = ""
    room: LiveKitRoom | None = None
    participant: Connection | None = None
    track: Track | None = None


def check(body: bytes, authorization: str) -> None:
    """Raises Unauthorized: the token must be LiveKit's, and be about this very body."""
    key, secret = settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET
    if not (key and secret):
        raise Unauthorized
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer ").strip(),
            secret,
            algorithms=["HS256"],
            issuer=key,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.PyJWTError:
        raise Unauthorized from None
    expected = base64.b64encode(hashlib.sha256(body).digest()).decode()
    given = claims.get("sha256")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Unauthorized


def read(body: bytes) -> Webhook:
    """Raises InvalidJson."""
    try:
        return msgspec.json.decode(body, type=Webhook)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        raise InvalidJson from None


@transaction.atomic
def hear(*, webhook: Webhook) -> None:
    """What it says of rooms of this site; all else is passed over."""
    room = _room(webhook)
    if room is None or webhook.room is None:
        return
    ReportedConference.objects.get_or_create(room=room)
    ReportedConference.objects.select_for_update().get(pk=room.pk)  # webhooks about a room take turns
    if webhook.id and not _is_first(f"event {webhook.id}"):
        return
    source, actor = f"{NAME} {webhook.room.name}", Actor.by_service(NAME)
    if webhook.event == "room_finished":
        _is_first(f"over {webhook.room.sid}")
        if _value(f"room {source}") not in ("", webhook.room.sid):
            return  # the one after it, of the same name, has begun
        report_members(room=room, source=source, members={}, expires_at=lifetime(LIFETIME_SECONDS), actor=actor)
    elif webhook.participant is not None and not _is_over(f"over {webhook.room.sid}"):
        if webhook.event == "participant_joined" and _value(f"room {source}") != webhook.room.sid:
            _note(f"room {source}", webhook.room.sid)
        _hear_of(webhook, webhook.participant, room, source, actor)


def forget(*, limit: int) -> int:
    old = LiveKitNote.objects.filter(at__lt=timezone.now() - KEPT_FOR).order_by("at")
    return LiveKitNote.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()[0]


def _hear_of(webhook: Webhook, connection: Connection, room: Room, source: str, actor: Actor) -> None:
    member_id = _member_id(connection.identity, room.pk)
    if member_id is None:
        return
    row = ReportedMember.objects.filter(conference=room.pk, source=source, member_id=member_id).first()
    now_is = presence.overlaid(None, row) if row else _newcomer(connection)
    here = f"at {source} {connection.identity}"
    if webhook.event in ("participant_left", "participant_connection_aborted"):
        _is_first(f"left {connection.sid}")
        if row is None or _value(here) not in ("", connection.sid):
            return
        members, left = {}, [member_id]
    elif _is_over(f"left {connection.sid}"):
        return
    else:
        changed = _changed(webhook, now_is)
        if changed is None:
            return
        _note(here, connection.sid)
        members, left = {member_id: changed}, []
    change_members(
        room=room, source=source, members=members, left=left, expires_at=lifetime(LIFETIME_SECONDS), actor=actor
    )


def _note(key: str, value: str) -> None:
    LiveKitNote.objects.update_or_create(
        key=_plain(key)[:255], defaults={"value": _plain(value)[:255], "at": timezone.now()}
    )


def _changed(webhook: Webhook, member: Member) -> Member | None:
    """As the member is after it; None where it says nothing of members."""
    match webhook.event, webhook.track:
        case "participant_joined", _:
            return member
        case "track_published", Track() as track if track.is_microphone:
            return None if _is_over(f"gone {track.sid}") else replace(member, mute=track.muted)
        case "track_unpublished", Track() as track if track.is_microphone:
            _is_first(f"gone {track.sid}")
            return replace(member, mute=True)
    return None


def _newcomer(connection: Connection) -> Member:
    """Nothing is heard before the microphone is on."""
    phone = connection.attributes.get("sip.phoneNumber", "")
    return Member(display_name=_plain(connection.name)[:255], phone=_plain(phone)[:64], mute=True)


def _member_id(identity: str, room_id: uuid.UUID) -> uuid.UUID | None:
    """None for windows of people who are there already, recorders, and who left this site's own meeting."""
    if not identity:
        return None
    try:
        member_id = uuid.UUID(identity[:36])
    except ValueError:
        return uuid.uuid5(room_id, identity)  # somebody whom LiveKit let in by itself, such as a telephone
    if len(identity) > 36:
        return None
    joined = Participant.objects.filter(
        session__room=room_id, session__ended_at=None, participant_id=member_id, where=Participant.Where.JOINED
    )
    is_reported = ReportedMember.objects.filter(conference=room_id, member_id=member_id).exists()
    is_there = joined.exclude(kind=Participant.Kind.RECORDER).exists()
    return member_id if is_there or is_reported else None


def _room(webhook: Webhook) -> Room | None:
    """LiveKit's rooms are called after ours, with a breakout room behind a colon."""
    name = webhook.room.name if webhook.room else ""
    try:
        return Room.objects.filter(pk=uuid.UUID(name.partition(":")[0])).first() if len(name) <= 73 else None
    except ValueError:
        return None


def _is_first(key: str) -> bool:
    _note, is_new = LiveKitNote.objects.get_or_create(key=_plain(key)[:255])
    return is_new


def _is_over(key: str) -> bool:
    return LiveKitNote.objects.filter(key=_plain(key)[:255]).exists()


def _value(key: str) -> str:
    return LiveKitNote.objects.filter(key=_plain(key)[:255]).values_list("value", flat=True).first() or ""


def _plain(text: str) -> str:
    return text.replace("\0", "")
