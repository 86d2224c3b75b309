"""control: joining, hands, roles, and the ends that a deadline brings."""

from collections.abc import Iterator
from uuid import UUID

from signaling import presence
from signaling.commands import Command, ModeratorCommand, OpeningCommand
from signaling.effects import Close, Due, Effect, Effects, Event, HandChanged, Happened, Send, error, send
from signaling.room import Kind, Participant, Role, Room, Where

IS_ALWAYS_ON = True
NAME_LENGTH = 100
NAMED = (Kind.SIP, Kind.RECORDER)  # machines, which need not say who they are


class Join(OpeningCommand, tag="join"):
    display_name: str = ""


class EnterRoom(Command, tag="enter_room"):
    pass


class RaiseHand(Command, tag="raise_hand"):
    pass


class LowerHand(Command, tag="lower_hand"):
    pass


class GrantModeratorRole(ModeratorCommand, tag="grant_moderator_role"):
    target: UUID


class RevokeModeratorRole(ModeratorCommand, tag="revoke_moderator_role"):
    target: UUID


Commands = Join | EnterRoom | RaiseHand | LowerHand | GrantModeratorRole | RevokeModeratorRole


def handle(room: Room, who: Participant, command: Command) -> Effects:
    match command:
        case Join():
            return _join(room, who, command.display_name)
        case EnterRoom():
            return _enter(room, who)
        case _ if not who.is_joined:
            return [error(who, "not_yet_joined")]
        case RaiseHand() | LowerHand():
            return _hand(room, who, is_up=isinstance(command, RaiseHand))
        case GrantModeratorRole() | RevokeModeratorRole():
            return _role(room, who, command.target, is_granted=isinstance(command, GrantModeratorRole))
    return ()


def react(room: Room, event: Event) -> Effects:
    match event:
        case Due(key=presence.EMPTY):
            return presence.end(room)
        case Due(key=presence.TIME_LIMIT):
            return presence.time_is_up(room)
    return ()


def _join(room: Room, who: Participant, name: str) -> Iterator[Effect]:
    if who.is_present:
        yield error(who, "already_joined")
        return
    if room.is_banned(who):  # since the ticket was issued
        yield Send([who], {"message": "banned"}, "moderation")
        yield Close([who])
        return
    if who.kind != Kind.USER or not room.info.fixed_names:
        who.display_name = " ".join(name.split()) or (who.display_name if who.kind in NAMED else "")
    if not 0 < len(who.display_name) <= NAME_LENGTH:
        yield error(who, "invalid_username")
    elif _is_full(room, who):
        # The client tries again on this socket, every ten seconds.
        yield send(who, "join_blocked", reason="participant_limit_reached")
    elif room.has_waiting_room and not (who.is_moderator or who.is_hidden or who.is_admitted):
        yield from presence.wait(room, who)
    else:
        yield from presence.join(room, who)


def _enter(room: Room, who: Participant) -> Iterator[Effect]:
    if who.where != Where.ACCEPTED:
        yield error(who, "not_accepted_or_not_in_waiting_room")
        return
    yield from presence.left_waiting_room(room, who)
    yield from presence.join(room, who)


def _is_full(room: Room, who: Participant) -> bool:
    """Who waits counts too. The first moderator always gets in."""
    limit = room.info.quota("room_participant_limit")
    if limit is None or who.is_hidden or (who.is_moderator and not room.moderators()):
        return False
    return sum(not person.is_hidden for person in room.present()) >= limit


def _hand(room: Room, who: Participant, *, is_up: bool) -> Iterator[Effect]:
    if is_up and not room.allows_hands:
        yield error(who, "raise_hands_disabled")
        return
    who.hand_is_up, who.hand_updated_at = is_up, room.now
    yield send(who, "hand_raised" if is_up else "hand_lowered")
    yield from presence.update(room, who)
    yield Happened(HandChanged(who))


def _role(room: Room, who: Participant, target_id: UUID, *, is_granted: bool) -> Iterator[Effect]:
    target = room.find(target_id)
    if target is None or target.is_moderator == is_granted:
        yield error(who, "nothing_to_do")
        return
    if target.is_owner:
        yield error(who, "target_is_room_owner")
        return
    usual = Role.USER if target.kind == Kind.USER else Role.GUEST
    yield send(who, f"moderator_role_{'granted' if is_granted else 'revoked'}", target=target.id)
    yield from presence.change_role(room, target, Role.MODERATOR if is_granted else usual, by=who)
