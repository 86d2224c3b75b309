"""Wrong room passwords and PINs, counted per room and client: the more there were, the longer the next one waits."""

import ipaddress
from datetime import timedelta
from math import inf

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import RoomGuessed
from activity.log import record
from rest.errors import NotFound, TooManyRequests
from rooms.access import place
from rooms.models import Guess, Room

# People mistype a few times; somebody who knows the password needs no more tries than this.
FREE_GUESSES = 5
FIRST_WAIT_SECONDS = 10
# Leaves one client some three hundred guesses a day, and lets nobody behind the same address wait for long.
LONGEST_WAIT_SECONDS = 300
COUNTED = timedelta(hours=1)


def client_at(address: str) -> str:
    """The client at an IP address, without saying which: an IPv6 host has a whole /64 to itself."""
    try:
        network = str(ipaddress.ip_network(f"{address}/64", strict=False) if ":" in address else address)
    except ValueError:
        network = address
    return salted_hmac("rooms.guesses", network, algorithm="sha256").hexdigest()


@transaction.atomic
def is_right(*, room: Room, client: str, given: str, expected: str, actor: Actor) -> bool:
    """Whether the secret is the room's; a wrong one is counted, so the caller must not undo this transaction.

    Raises TooManyRequests while the client has to wait: then nothing is compared, and nothing counted.
    """
    # Guesses that arrive together follow each other here, so that none of them is free.
    if not Room.objects.select_for_update(no_key=True).filter(pk=room.pk).values_list("pk"):
        raise NotFound
    now = timezone.now()
    wrong = room.guesses.filter(client=client, guessed_at__gt=now - COUNTED)
    found = wrong.aggregate(count=Count("pk"), last=Max("guessed_at"))
    if found["last"] is not None:
        left = wait_seconds(found["count"]) - (now - found["last"]).total_seconds()
        if left > 0:
            raise TooManyRequests(left)
    if constant_time_compare(given, expected):
        return True
    room.guesses.filter(guessed_at__lte=now - COUNTED).delete()
    Guess.objects.create(room=room, client=client, guessed_at=now)
    if found["count"] + 1 == FREE_GUESSES:
        owner = Circle(owner=room.created_by_id)
        record(
            RoomGuessed(wrong_guesses=FREE_GUESSES),
            actor=actor,
            subject=room,
            place=place(room),
            before=owner,
            after=owner,
        )
    return False


def wait_seconds(wrong_guesses: int) -> float:
    """How long after so many wrong guesses the next one is not read."""
    if wrong_guesses < FREE_GUESSES:
        return -inf
    doubled = min(wrong_guesses - FREE_GUESSES, 20)
    return min(FIRST_WAIT_SECONDS * 2.0**doubled, LONGEST_WAIT_SECONDS)
