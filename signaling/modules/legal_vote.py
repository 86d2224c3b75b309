"""legal_vote: a vote of people with an account, each counted once, with a protocol that outlives the meeting.

One at a time in each place. Those without an account neither vote nor hear of it.
"""

import string
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from activity.meeting_kinds import VoteEnded
from signaling.commands import Command, ModeratorCommand
from signaling.effects import (
    Answered,
    Arm,
    Ask,
    Disarm,
    Due,
    Effect,
    Effects,
    Ending,
    Event,
    Keep,
    Left,
    Record,
    error,
    send,
)
from signaling.reports import asker, told
from signaling.room import Participant, Place, Room
from signaling.votes import CANCELED, FINISHED, INVALID, OPTIONS, STARTED, Parameters, TimeZone, Vote

KEEPS_ENTRIES = True
TOKEN_LETTERS = 12
Reason = Annotated[str, msgspec.Meta(max_length=255)]


class Start(ModeratorCommand, Parameters, tag="start"):
    pass


class Stop(ModeratorCommand, tag="stop"):
    legal_vote_id: uuid.UUID
    timezone: TimeZone | None = None


class Cancel(ModeratorCommand, tag="cancel"):
    legal_vote_id: uuid.UUID
    reason: Reason
    timezone: TimeZone | None = None


class Cast(Command, tag="vote"):
    legal_vote_id: uuid.UUID
    option: str
    token: str
    timezone: TimeZone | None = None


class ReportIssue(Command, tag="report_issue"):
    """Clients may say another `kind` than is passed on; without one of those a description is needed."""

    legal_vote_id: uuid.UUID
    kind: str | None = None
    description: Annotated[str, msgspec.Meta(max_length=1000)] | None = None

    def __post_init__(self) -> None:
        self.kind = self.kind if self.kind in ("audio", "video", "screenshare") else None
        if not (self.kind or self.description):
            raise ValueError("neither kind nor description")


class GeneratePdf(ModeratorCommand, tag="generate_pdf"):
    legal_vote_id: uuid.UUID
    timezone: TimeZone | None = None


Commands = Start | Stop | Cancel | Cast | ReportIssue | GeneratePdf


class State(msgspec.Struct):
    """Of a place: the last one may be running."""

    votes: list[Vote] = []


def handle(room: Room, who: Participant, command: Command) -> Effects:
    if who.user_id is None:
        return ()
    match command:
        case Start():
            return _start(room, who, command)
        case Cast():
            return _cast(room, who, command)
        case GeneratePdf():
            return _ask_again(room, who, command)
        case Stop() | Cancel() | ReportIssue():
            return _of_running(room, who, command)
    return ()


def _of_running(room: Room, who: Participant, command: Stop | Cancel | ReportIssue) -> Effects:
    vote = running(room, who.place)
    if vote is None or vote.id != command.legal_vote_id:
        return [error(who, "invalid_vote_id" if vote else "no_vote_active")]
    match command:
        case Stop():
            return _stop(room, who.place, vote, "by_participant", by=who, zone=command.timezone)
        case Cancel():
            return _cancel(room, who.place, vote, "custom", by=who, text=command.reason, zone=command.timezone)
        case ReportIssue():
            return _report(room, who, vote, command)


def welcome(room: Room, who: Participant) -> dict[str, Any] | None:
    votes = room.state(State, who.place).votes if who.user_id else []
    return {"votes": [vote.summary(who) for vote in votes]} if votes else None


def react(room: Room, event: Event) -> Iterator[Effect]:
    match event:
        case Due(key=key):
            place = uuid.UUID(key) if key else None
            if vote := running(room, place):
                yield from _stop(room, place, vote, "expired")
        case Left(who=who):
            vote = running(room, who.place)
            if vote and vote.initiator == who.id:
                yield from _cancel(room, who.place, vote, "initiator_left")
        case Ending():
            for place in room.places(State):
                if vote := running(room, place):
                    yield from _cancel(room, place, vote, "room_destroyed")
        case Answered(arguments=arguments):
            yield from told(room, event, legal_vote_id=arguments["vote_id"])


def running(room: Room, place: Place) -> Vote | None:
    votes = room.state(State, place).votes
    return votes[-1] if votes and votes[-1].state == STARTED else None


# --- The beginning ---


def _start(room: Room, who: Participant, command: Start) -> Iterator[Effect]:
    if running(room, who.place):
        yield error(who, "vote_already_active")
        return
    named = list(dict.fromkeys(command.allowed_participants))
    people = [person for person in map(room.participants.get, named) if person and person.user_id]
    if len(people) < len(named):
        known = {person.id for person in people}
        guests = [participant for participant in named if participant not in known]
        yield error(who, "allowlist_contains_guests", guests=guests)
        return
    voters: dict[uuid.UUID, Participant] = {}
    for person in people:
        if person.user_id:
            voters.setdefault(person.user_id, person)
    tokens = {user_id: _token(room) for user_id in voters}
    vote = Vote(
        id=uuid.uuid4(),
        initiator=who.id,
        started=room.now,
        parameters=msgspec.convert(command, Parameters, from_attributes=True),
        tokens=tokens,
        max_votes=len(tokens),
    )
    room.state(State, who.place).votes.append(vote)
    allowed = [_named(person) for person in voters.values()]
    yield _entry(vote, who.place, "started", by=_named(who), allowed=allowed, **msgspec.to_builtins(vote.parameters))
    if command.duration is not None:
        yield Arm(_key(who.place), room.now + timedelta(seconds=command.duration))
    shown = vote.shown()
    yield send([person for person in _hearers(room, who.place) if not vote.token_of(person)], "started", **shown)
    for person in _hearers(room, who.place):
        if token := vote.token_of(person):
            yield send(person, "started", **shown, token=token)


def _token(room: Room) -> str:
    """Small letters only: clients change others where the token is a key."""
    return "".join(string.ascii_lowercase[room.chance(26)] for _number in range(TOKEN_LETTERS))


# --- Voting ---


def _cast(room: Room, who: Participant, command: Cast) -> Iterator[Effect]:
    vote = running(room, who.place)
    about = {"legal_vote_id": command.legal_vote_id}
    wrong = _wrong(vote, who, command)
    if vote is None or wrong:
        yield send(who, "voted", **about, response="failed", reason=wrong)
        return
    vote.count(who, command.token, command.option)
    cast: dict[str, Any] = {"token": command.token, "option": command.option}
    entry = _entry(vote, who.place, "voted", **cast, **_by(vote, who))
    yield entry
    sockets = [person for person in room.everyone() if person.user_id == who.user_id]
    yield send(
        sockets,
        "voted",
        **about,
        response="success",
        vote_option=command.option,
        issuer=who.id,
        consumed_token=command.token,
    )
    if vote.parameters.kind == "live_roll_call":
        yield send(_hearers(room, who.place), "updated", **about, **vote.tally())
    if vote.parameters.auto_close and vote.is_complete:
        yield from _stop(room, who.place, vote, "auto", last=entry)


def _wrong(vote: Vote | None, who: Participant, command: Cast) -> str:
    if vote is None or vote.id != command.legal_vote_id:
        return "invalid_vote_id"
    if vote.token_of(who) != command.token or command.token in vote.used:
        return "ineligible"
    return "" if command.option in vote.options else "invalid_option"


def _report(room: Room, who: Participant, vote: Vote, command: ReportIssue) -> Iterator[Effect]:
    if not vote.token_of(who):
        yield error(who, "ineligible")
        return
    issue = {"kind": command.kind, "description": command.description}
    issue = {name: value for name, value in issue.items() if value}
    yield _entry(vote, who.place, "issue", **issue, **_by(vote, who))
    if initiator := room.find(vote.initiator):
        reporter = {} if vote.is_secret else {"participant_id": who.id}
        yield send(initiator, "reported_issue", legal_vote_id=vote.id, **reporter, **issue)


# --- The end ---


def _stop(
    room: Room,
    place: Place,
    vote: Vote,
    kind: str,
    *,
    by: Participant | None = None,
    zone: str | None = None,
    last: Keep | None = None,
) -> Iterator[Effect]:
    """`last` is the entry of a vote in this step, which is not to be read yet."""
    kept = [entry.data for entry in room.entries("legal_vote", place)]
    reason = vote.inconsistency([*kept, last.data] if last else kept)
    vote.state = INVALID if reason else FINISHED
    results = {"reason": reason} if reason else vote.tally()
    issuer = {"issuer": by.id} if by else {}
    stopped = {"stopped_by": by.id} if by else {}
    stop_kind = "by_user" if by else kind
    vote.end = {"end_time": room.now} | results
    vote.end |= {} if reason else {"stop_kind": stop_kind, **stopped}
    sent = {"kind": kind, **issuer, "results": "invalid" if reason else "valid", **results, "end_time": room.now}
    yield send(_hearers(room, place), "stopped", legal_vote_id=vote.id, **sent)
    yield from _end(room, place, vote, kind, by=by, zone=zone, **results)


def _cancel(
    room: Room,
    place: Place,
    vote: Vote,
    reason: str,
    *,
    by: Participant | None = None,
    text: str = "",
    zone: str | None = None,
) -> Iterator[Effect]:
    vote.state = CANCELED
    why = {"reason": reason} | ({"custom": text} if by else {})
    vote.end = why | {"end_time": room.now, "issuer": by.id if by else vote.initiator}
    yield send(_hearers(room, place), "canceled", legal_vote_id=vote.id, **why, end_time=room.now)
    yield from _end(room, place, vote, CANCELED, by=by, zone=zone, **why)


def _end(
    room: Room, place: Place, vote: Vote, how: str, *, by: Participant | None, zone: str | None, **facts: Any
) -> Iterator[Effect]:
    """The last entry of the protocol, and its file for who ended the vote, else for who began it."""
    vote.tokens = {}
    yield Disarm(_key(place))
    yield _entry(vote, place, "ended", how=how, state=vote.state, **facts, **({"by": _named(by)} if by else {}))
    counts = {option: facts.get(option, 0) for option in OPTIONS}
    yield Record(VoteEnded(vote=vote.parameters.name, outcome=vote.state, **counts), by)
    author = by or room.participants.get(vote.initiator)
    if vote.parameters.create_pdf and author:
        yield _ask(room, place, vote, author, zone)


def _ask_again(room: Room, who: Participant, command: GeneratePdf) -> Iterator[Effect]:
    found = [vote for vote in room.state(State, who.place).votes if vote.id == command.legal_vote_id]
    if not found or found[0].state == STARTED:
        yield error(who, "invalid_vote_id")
    else:
        yield _ask(room, who.place, found[0], who, command.timezone)


def _ask(room: Room, place: Place, vote: Vote, who: Participant, zone: str | None) -> Ask:
    of = {"session_id": room.session, "place": place, "vote_id": vote.id}
    return Ask("protocol", of | {"asker": asker(who), "zone": zone or vote.parameters.timezone or ""})


# --- What is told and kept ---


def _hearers(room: Room, place: Place) -> list[Participant]:
    return [person for person in room.at(place) if person.user_id]


def _entry(vote: Vote, place: Place, event: str, /, **data: Any) -> Keep:
    return Keep({"vote": vote.id, "event": event} | data, place)


def _named(who: Participant) -> dict[str, Any]:
    return {"id": who.id, "user_id": who.user_id, "name": who.display_name}


def _by(vote: Vote, who: Participant) -> dict[str, Any]:
    """Left out of what would tell whose a token is."""
    return {} if vote.is_secret else {"by": _named(who)}


def _key(place: Place) -> str:
    return str(place) if place else ""
