"""Activities about how people sign in: wrong passwords, the second factor of staff, the identity provider."""

from dataclasses import dataclass

from activity.audiences import owner_alone
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class UserSignedIn(Kind):
    """Staff signed in by a page of the site; `how` is password, code (a password and a second factor) or
    identity_provider.
    """

    name = "user.signed_in"
    audience = owner_alone
    how: str


@dataclass(frozen=True, kw_only=True)
class SignInRefused(Kind):
    """The identity provider knows who it is, and the admin does not open: about the person, or, where nobody here is
    that person, about the tenant.

    `reason` is disabled, not_staff, unknown or weak (without the second factor that STAFF_OIDC_ACR_VALUES wants).
    """

    name = "user.sign_in_refused"
    audience = owner_alone
    how: str
    reason: str


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
class UserPasswordSet(Kind):
    """Staff gave the account another password, or none: then nobody signs in to it with one."""

    name = "user.password_set"
    audience = owner_alone
    is_usable: bool


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
