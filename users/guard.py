"""Wrong passwords, counted per typed name and client: the more there were in a row, the longer the next try waits."""

import unicodedata
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.kind import Kind
from activity.log import record
from activity.sign_in_kinds import UserGuessed, UserUnlocked
from calendars.addresses import spellings
from rest.client import network_of
from rest.errors import TooManyRequests
from users.models import User
from users.provider.backends import find_account
from users.sign_in_models import WrongPassword

FREE_TRIES = 5
FIRST_WAIT_SECONDS = 10
# Leaves one client some three hundred tries a day, and lets nobody behind the same address wait for long.
LONGEST_WAIT_SECONDS = 300
COUNTED = timedelta(hours=1)


@transaction.atomic
def count_try(*, name: str, address: str) -> None:
    """Counts a try before the password is checked, so that those which arrive together give no additional guess.

    Raises TooManyRequests while the client has to wait: then nothing is counted.
    """
    row, now = _held(name, address), timezone.now()
    if row.last_at <= now - COUNTED:
        row.count = 0
    left = (waits_until(row) - now).total_seconds()
    if left > 0:
        raise TooManyRequests(left)
    row.count += 1
    row.last_at = now
    row.save(update_fields=["count", "last_at"])
    WrongPassword.objects.filter(last_at__lte=now - COUNTED).delete()
    if row.count == FREE_TRIES and (user := find_account(name)) is not None:
        _record(UserGuessed(wrong_guesses=FREE_TRIES), user, Actor.by_guest())


def _held(name: str, address: str) -> WrongPassword:
    whose = {"name": _digest(name), "client": _client(address)}
    rows = WrongPassword.objects.select_for_update().filter(**whose)
    found = rows.first()
    if found is None:
        # Another try may do the same.
        WrongPassword.objects.bulk_create([WrongPassword(**whose)], ignore_conflicts=True)
        found = rows.get()
    return found


def forget_tries(*, name: str, address: str) -> None:
    """After the right password."""
    WrongPassword.objects.filter(name=_digest(name), client=_client(address)).delete()


def waits_until(row: WrongPassword) -> datetime:
    """When the next try is read; in the past where that is at once."""
    if row.count < FREE_TRIES:
        return row.last_at - COUNTED
    doubled = min(row.count - FREE_TRIES, 20)
    return row.last_at + timedelta(seconds=min(FIRST_WAIT_SECONDS * 2.0**doubled, LONGEST_WAIT_SECONDS))


def second_step_of(user: User) -> str:
    """The name to which wrong codes of somebody's second factor are counted."""
    return f"second factor of {user.pk}"


def tries_of(user: User) -> list[WrongPassword]:
    """What counts against somebody, one row for each client and spelling of the name; the last first."""
    names = {_digest(name) for name in (user.username, *spellings(user.email), second_step_of(user))}
    rows = WrongPassword.objects.filter(name__in=names, last_at__gt=timezone.now() - COUNTED)
    return list(rows.order_by("-last_at"))


@transaction.atomic
def lift(*, user: User, actor: Actor) -> int:
    """Lets everybody try again at once who had to wait; returns how many wrong passwords count no more."""
    rows = tries_of(user)
    count = sum(row.count for row in rows)
    WrongPassword.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if count:
        _record(UserUnlocked(wrong_guesses=count), user, actor)
    return count


def _record(kind: Kind, user: User, actor: Actor) -> None:
    own = Circle(owner=user.pk)
    record(kind, actor=actor, subject=user, place=Place(tenant_id=user.tenant_id), before=own, after=own)


def _digest(name: str) -> str:
    """Of what was typed, never of what it leads to: else the lock would tell which names have an account.

    Folded further than accounts are looked up, so that no spelling of a name gives additional guesses.
    """
    typed = unicodedata.normalize("NFKC", name).strip().casefold()
    return salted_hmac("users.guard.name", typed, algorithm="sha256").hexdigest()


def _client(address: str) -> str:
    return salted_hmac("users.guard.client", network_of(address), algorithm="sha256").hexdigest()
