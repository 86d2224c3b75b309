"""Activities about how people sign in: wrong passwords, the second factor of staff."""

from dataclasses import dataclass

from activity.audiences import owner_alone
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class UserGuessed(Kind):
    """Somebody typed so many wrong passwords that further tries are delayed; it may be an attack."""

    name = "user.guessed"
    audience = owner_alone
    wrong_guesses: int


@dataclass(frozen=True, kw_only=True)
class UserUnlocked(Kind):
    """Staff let everybody try at once again who had to wait after wrong passwords."""

    name = "user.unlocked"
    audience = owner_alone
    wrong_guesses: int


@dataclass(frozen=True, kw_only=True)
class SecondFactorSet(Kind):
    """The person signs in with a code of an app from now on, and has new recovery codes."""

    name = "user.second_factor_set"
    audience = owner_alone


@dataclass(frozen=True, kw_only=True)
class SecondFactorRemoved(Kind):
    name = "user.second_factor_removed"
    audience = owner_alone


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(Kind):
    """The person signed in without the app; so many codes are left."""

    name = "user.recovery_code_used"
    audience = owner_alone
    left: int
