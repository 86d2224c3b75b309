"""media: pictures and sound for clients that meet over Janus.

The room knows what is published, who may share the screen, who is muted and who speaks. Offers, answers and candidates
are between a client and Janus: `Signal` hands them to signaling/peers.py in the process that holds the socket.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from signaling import presence
from signaling.commands import Command, ModeratorCommand, SignalCommand
from signaling.effects import Effect, Effects, Event, HangUp, Left, Send, Signal, error, send
from signaling.room import Participant, Place, Room, visible
from signaling.signals import refused

Session = Literal["video", "screen"]
SCREEN: Session = "screen"
Sdp = Annotated[str, msgspec.Meta(max_length=262_144)]
Word = Annotated[str, msgspec.Meta(max_length=64)]


class MediaState(msgspec.Struct, omit_defaults=True):
    """What others see of a stream; `video_settings` as its client says."""

    video: bool
    audio: bool
    video_settings: Annotated[dict[Word, bool | int | float | Word], msgspec.Meta(max_length=16)] | None = None


class Candidate(msgspec.Struct, omit_defaults=True):
    candidate: Annotated[str, msgspec.Meta(max_length=2048)]
    mid: Word | None = msgspec.field(name="sdpMid", default=None)
    line: int | None = msgspec.field(name="sdpMLineIndex", default=None)


class Configuration(msgspec.Struct, omit_defaults=True):
    """Of a subscription: whether the picture is wanted, and which of the simulcast's (0: the smallest)."""

    video: bool | None = None
    substream: int | None = None


class Publish(SignalCommand, tag="publish"):
    media_session_type: Session
    sdp: Sdp


class PublishComplete(Command, tag="publish_complete"):
    media_session_type: Session
    media_session_state: MediaState


class UpdateMediaSession(Command, tag="update_media_session"):
    media_session_type: Session
    media_session_state: MediaState


class Unpublish(Command, tag="unpublish"):
    media_session_type: Session


class Subscribe(SignalCommand, tag="subscribe"):
    target: uuid.UUID
    media_session_type: Session
    without_video: bool = False


class Resubscribe(SignalCommand, tag="resubscribe"):
    target: uuid.UUID
    media_session_type: Session
    without_video: bool = False


class SdpAnswer(SignalCommand, tag="sdp_answer"):
    target: uuid.UUID
    media_session_type: Session
    sdp: Sdp


class SdpCandidate(SignalCommand, tag="sdp_candidate"):
    target: uuid.UUID
    media_session_type: Session
    candidate: Candidate


class SdpEndOfCandidates(SignalCommand, tag="sdp_end_of_candidates"):
    target: uuid.UUID
    media_session_type: Session


class Configure(SignalCommand, tag="configure"):
    target: uuid.UUID
    media_session_type: Session
    configuration: Configuration


class UpdateSpeakingState(Command, tag="update_speaking_state"):
    is_speaking: bool


class ModeratorMute(ModeratorCommand, tag="moderator_mute"):
    targets: list[uuid.UUID] | None = None
    force: bool = False


class GrantPresenterRole(ModeratorCommand, tag="grant_presenter_role"):
    participant_ids: list[uuid.UUID]


class RevokePresenterRole(ModeratorCommand, tag="revoke_presenter_role"):
    participant_ids: list[uuid.UUID]


class EnableForceMute(ModeratorCommand, tag="moderator_enable_force_mute"):
    allow_list: list[uuid.UUID] = []


class DisableForceMute(ModeratorCommand, tag="moderator_disable_force_mute"):
    pass


ToTarget = Subscribe | Resubscribe | SdpAnswer | SdpCandidate | SdpEndOfCandidates | Configure
Commands = (
    Publish
    | PublishComplete
    | UpdateMediaSession
    | Unpublish
    | ToTarget
    | UpdateSpeakingState
    | ModeratorMute
    | GrantPresenterRole
    | RevokePresenterRole
    | EnableForceMute
    | DisableForceMute
)
PASSING = (
    Publish,
    Subscribe,
    Resubscribe,
    SdpAnswer,
    SdpCandidate,
    SdpEndOfCandidates,
    Configure,
    UpdateSpeakingState,
)


class State(msgspec.Struct):
    """Of a place. Everybody may share the screen until it is taken from them. `unmuted`: who may speak, None: all."""

    published: dict[uuid.UUID, dict[Session, MediaState]] = {}
    not_presenting: set[uuid.UUID] = set()
    unmuted: list[uuid.UUID] | None = None


def handle(room: Room, who: Participant, command: Command) -> Iterator[Effect]:
    match command:
        case Publish():
            yield from _publish(room, who, command)
        case PublishComplete() | UpdateMediaSession():
            yield from _show(room, who, command)
        case Unpublish():
            yield from _unpublish(room, who, command.media_session_type)
        case Subscribe() | Resubscribe() | SdpAnswer() | SdpCandidate() | SdpEndOfCandidates() | Configure():
            yield _signal(room, who, command)
        case UpdateSpeakingState():
            yield from _speak(room, who, command.is_speaking)
        case ModeratorMute():
            yield from _mute(room, who, command)
        case GrantPresenterRole() | RevokePresenterRole():
            yield from _present(room, who, command.participant_ids, may=isinstance(command, GrantPresenterRole))
        case EnableForceMute():
            yield from _force_mute(room, who, list(dict.fromkeys(command.allow_list)))
        case DisableForceMute():
            yield from _force_mute(room, who, None)


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    """`allow_list` also where nobody is muted: clients look into it when the mute ends."""
    if "media" not in room.info.about:
        return None
    unmuted = room.state(State, who.place).unmuted
    return {
        "is_presenter": _is_presenter(room, who),
        "force_mute": {"type": "disabled" if unmuted is None else "enabled", "allow_list": unmuted or []},
        "speakers": [
            {"participant": speaker, "is_speaking": is_speaking, "updated_at": at}
            for speaker, (is_speaking, at) in _speakers(room, who.place).items()
        ],
    }


def describe(room: Room, who: Participant, _viewer: Participant) -> dict[str, Any] | None:
    if "media" not in room.info.about:
        return None
    published = room.state(State, who.place).published.get(who.id, {})
    return {"is_presenter": _is_presenter(room, who)} | {str(kind): state for kind, state in published.items()}


def react(room: Room, event: Event) -> Effects:
    if isinstance(event, Left):
        who = event.who
        state = room.state(State, who.place)
        state.published.pop(who.id, None)
        _speakers(room, who.place).pop(who.id, None)
        if "media" in room.info.about:
            return [HangUp([who])]
    return ()


def _publish(room: Room, who: Participant, command: Publish) -> Iterator[Effect]:
    if command.media_session_type == SCREEN and not _is_presenter(room, who):
        yield error(who, "permission_denied")
    else:
        yield Signal("publish", who, command.media_session_type, {"sdp": command.sdp})


def _show(room: Room, who: Participant, command: PublishComplete | UpdateMediaSession) -> Iterator[Effect]:
    state, kind, shown = room.state(State, who.place), command.media_session_type, command.media_session_state
    if kind == SCREEN and not _is_presenter(room, who):
        yield error(who, "permission_denied")
        return
    if shown.audio and kind != SCREEN and state.unmuted is not None and who.id not in state.unmuted:
        yield error(who, "permission_denied")
        shown.audio = False
    if isinstance(command, PublishComplete) or kind in state.published.get(who.id, {}):
        state.published.setdefault(who.id, {})[kind] = shown
        yield from presence.update(room, who)


def _unpublish(room: Room, who: Participant, kind: Session) -> Iterator[Effect]:
    yield Signal("unpublish", who, kind)
    if _withdraw(room, who, kind):
        yield from presence.update(room, who)


def _withdraw(room: Room, who: Participant, kind: Session) -> bool:
    """Whether it was published."""
    published = room.state(State, who.place).published
    had = published.get(who.id, {}).pop(kind, None)
    if not published.get(who.id, True):
        del published[who.id]
    return had is not None


def _signal(room: Room, who: Participant, command: Any) -> Effect:
    """Of one's own stream, or of one that somebody here publishes."""
    source = who if command.target == who.id else room.find(command.target)
    action, kind = str(command.__struct_config__.tag), command.media_session_type
    data = {
        name: value
        for name, value in msgspec.to_builtins(command).items()
        if name not in ("action", "target", "media_session_type")
    }
    is_here = source is not None and source.place == who.place
    if isinstance(command, Subscribe | Resubscribe):
        published = room.state(State, who.place).published
        is_here = is_here and command.target != who.id and kind in published.get(command.target, {})
    substream = command.configuration.substream if isinstance(command, Configure) else None
    if source is None or not is_here or not 0 <= (substream or 0) <= 2:
        return Send([who], refused(action, command.target, kind))
    return Signal(action, source, kind, data)


def _speak(room: Room, who: Participant, is_speaking: bool) -> Iterator[Effect]:
    _speakers(room, who.place)[who.id] = (is_speaking, room.now)
    yield send(room.here(who), "speaker_updated", participant=who.id, is_speaking=is_speaking, updated_at=room.now)


def _mute(room: Room, who: Participant, command: ModeratorMute) -> Iterator[Effect]:
    others = visible(room.others(who))
    if command.targets is not None:
        others = [person for person in visible(room.here(who)) if person.id in command.targets]
    if others:
        yield send(others, "request_mute", issuer=who.id, force=command.force)


def _present(room: Room, who: Participant, wanted: list[uuid.UUID], *, may: bool) -> Iterator[Effect]:
    state = room.state(State, who.place)
    for person in visible(room.here(who)):
        if person.id not in wanted or may == _is_presenter(room, person):
            continue
        if may:
            state.not_presenting.discard(person.id)
            yield send(person, "presenter_granted")
        else:
            state.not_presenting.add(person.id)
            _withdraw(room, person, SCREEN)
            yield HangUp([person], SCREEN)
            yield send(person, "presenter_revoked")
        yield from presence.update(room, person)


def _force_mute(room: Room, who: Participant, unmuted: list[uuid.UUID] | None) -> Iterator[Effect]:
    state = room.state(State, who.place)
    if unmuted is None and state.unmuted is None:
        return
    state.unmuted = unmuted
    if unmuted is None:
        yield send(room.here(who), "force_mute_disabled")
    else:
        yield send(room.here(who), "force_mute_enabled", allow_list=unmuted)


def _is_presenter(room: Room, who: Participant) -> bool:
    return who.id not in room.state(State, who.place).not_presenting


def _speakers(room: Room, place: Place) -> dict[uuid.UUID, tuple[bool, datetime]]:
    speakers: dict[uuid.UUID, tuple[bool, datetime]] = room.memory.setdefault(("media", place), {})
    return speakers
