"""Wrong room passwords and PINs, counted per room and client: the more there were, the longer the next one waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from activity.actors import Actor
from activity.audiences import Circle
from activity.log import record
from activity.room_kinds import RoomGuessed, RoomUnlocked
from rest.client import network_of
from rest.errors import NotFound, TooManyRequests
from rooms.access import place
from rooms.models import Guess, Room

# People mistype a few times; somebody who knows the password needs no more tries than this.
FREE_GUESSES = 5
FIRST_WAIT_SECONDS = 10
# Leaves one client some three hundred guesses a day, and lets nobody behind the same address wait for long.
LONGEST_WAIT_SECONDS = 300
COUNTED = timedelta(hours=1)
BY_PHONE = "call-in"  # all who dial in are one client: the gateway does not say who calls


def client_at(address: str) -> str:
    """The client at an IP address, without saying which."""
    return salted_hmac("rooms.guesses", network_of(address), algorithm="sha256").hexdigest()


@transaction.atomic
def is_right(*, room: Room, client: str, given: str, expected: str, actor: Actor) -> bool:
    """Whether the secret is the room's; a wrong one is counted, so the caller must not undo this transaction.

    Raises TooManyRequests while the client has to wait: then nothing is compared, and nothing counted.
    """
    # Guesses that arrive together follow each other here, so that none of them is free.
    if not Room.objects.select_for_update(no_key=True).filter(pk=room.pk).values_list("pk"):
        raise NotFound
    now = timezone.now()
    before = next(iter(guessed(room, now, client=client)), None)
    if before is not None and before.waits_until > now:
        raise TooManyRequests((before.waits_until - now).total_seconds())
    if constant_time_compare(given, expected):
        return True
    room.guesses.filter(guessed_at__lte=now - COUNTED).delete()
    Guess.objects.create(room=room, client=client, guessed_at=now)
    if before is not None and before.count + 1 == FREE_GUESSES:
        _record(RoomGuessed(wrong_guesses=FREE_GUESSES), room, actor)
    return False


@dataclass(frozen=True, kw_only=True)
class Guesses:
    """The wrong guesses of one client that count."""

    client: str
    count: int
    last_at: datetime

    @property
    def waits_until(self) -> datetime:
        """The next one is not read before; a time that is over: it is read."""
        return self.last_at + timedelta(seconds=wait_seconds(self.count))


def guessed(room: Room, now: datetime, **client: str) -> list[Guesses]:
    """By client, the latest first; `client` asks for one alone."""
    wrong = room.guesses.filter(guessed_at__gt=now - COUNTED, **client).order_by().values("client")
    found = wrong.annotate(count=Count("pk"), last_at=Max("guessed_at")).order_by("-last_at", "client")
    return [Guesses(**row) for row in found]


@transaction.atomic
def forget_guesses(*, room: Room, actor: Actor) -> int:
    """Nobody has to wait any more; returns how many wrong guesses do not count now."""
    forgotten, _by_model = room.guesses.all().delete()
    if forgotten:
        _record(RoomUnlocked(wrong_guesses=forgotten), room, actor)
    return forgotten


def _record(kind: RoomGuessed | RoomUnlocked, room: Room, actor: Actor) -> None:
    owner = Circle(owner=room.created_by_id)
    record(kind, actor=actor, subject=room, place=place(room), before=owner, after=owner)


def wait_seconds(wrong_guesses: int) -> float:
    """How long after so many wrong guesses the next one is not read."""
    if wrong_guesses < FREE_GUESSES:
        return 0
    doubled = min(wrong_guesses - FREE_GUESSES, 20)
    return min(FIRST_WAIT_SECONDS * 2.0**doubled, LONGEST_WAIT_SECONDS)
