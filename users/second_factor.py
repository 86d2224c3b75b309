"""The second factor of staff: codes of an app (TOTP, RFC 6238), and recovery codes for when it is lost."""

import base64
import hmac
import secrets
import struct
import time
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.kind import Kind
from activity.log import record
from activity.sign_in_kinds import RecoveryCodeUsed, SecondFactorRemoved, SecondFactorSet
from database.encryption import decrypted, encrypted
from site_settings.values import present
from users.models import User
from users.sign_in_models import RecoveryCode, SecondFactor

STEP_SECONDS = 30
DIGITS = 6
# Clocks differ, and people type slowly: the codes of one step before and after open too (RFC 6238 5.2).
STEPS_ASIDE = 1
RECOVERY_CODES = 10
# Without the letters and digits that people confuse.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PURPOSE = "second factors"


def new_key() -> str:
    """160 random bits in base 32, as apps take them (RFC 4226 4)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(key: str, step: int) -> str:
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0xF
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def step_now() -> int:
    return int(time.time()) // STEP_SECONDS


def step_of(key: str, code: str, *, after: int = 0) -> int | None:
    """The step that the code is of, of those which are later than `after`; None for a wrong one."""
    around = range(step_now() - STEPS_ASIDE, step_now() + STEPS_ASIDE + 1)
    found = [step for step in around if constant_time_compare(code_at(key, step), code) and step > after]
    return found[-1] if found else None


def address_of(key: str, user: User) -> str:
    """The `otpauth:` address that apps read from a QR code."""
    product = settings.MAIL_PRODUCT_NAME
    label = quote(f"{product}:{user.email or user.username}")
    return f"otpauth://totp/{label}?" + urlencode({"secret": key, "issuer": product}, quote_via=quote)


def is_set(user: User) -> bool:
    return SecondFactor.objects.filter(pk=user.pk).exists()


def is_needed(user: User) -> bool:
    """Whether this person may use the admin only with one."""
    match present("STAFF_SECOND_FACTOR"):
        case "required":
            return user.is_staff
        case "superusers":
            return user.is_superuser
        case _:
            return False


@transaction.atomic
def set_factor(*, user: User, key: str, step: int, actor: Actor) -> list[str]:
    """In the place of one that there is. Returns the recovery codes, this once. `step` is that of the code given."""
    SecondFactor.objects.filter(pk=user.pk).delete()
    factor = SecondFactor.objects.create(user=user, key=encrypted(key, purpose=PURPOSE), last_step=step)
    codes = ["".join(secrets.choice(ALPHABET) for _number in range(10)) for _code in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, digest=_digest(code)) for code in codes)
    _record(SecondFactorSet(), user, actor)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


@transaction.atomic
def remove_factor(*, user: User, actor: Actor) -> bool:
    """False where there was none."""
    deleted, _by_model = SecondFactor.objects.filter(pk=user.pk).delete()
    if deleted:
        _record(SecondFactorRemoved(), user, actor)
    return bool(deleted)


@transaction.atomic
def opens(*, user: User, code: str) -> bool:
    """Whether it is a code of the app that has opened nothing yet, or a recovery code, which is then used up."""
    factor = SecondFactor.objects.select_for_update().filter(pk=user.pk).first()
    if factor is None:
        return False
    typed = "".join(code.split()).replace("-", "").upper()
    step = step_of(decrypted(factor.key, purpose=PURPOSE), typed, after=factor.last_step)
    if step is not None:
        SecondFactor.objects.filter(pk=user.pk).update(last_step=step)
        return True
    used, _by_model = factor.recovery_codes.filter(digest=_digest(typed)).delete()
    if used:
        _record(RecoveryCodeUsed(left=factor.recovery_codes.count()), user, Actor.by_page(user))
    return bool(used)


def _digest(code: str) -> str:
    """Its 49 random bits are out of reach for who has the rows but not SECRET_KEY."""
    return salted_hmac(PURPOSE, code, algorithm="sha256").hexdigest()


def _record(kind: Kind, user: User, actor: Actor) -> None:
    own = Circle(owner=user.pk)
    record(kind, actor=actor, subject=user, place=Place(tenant_id=user.tenant_id), before=own, after=own)
