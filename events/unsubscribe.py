"""The links by which somebody switches off reminders, or mails about answers, without signing in: a signed name."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from users.models import User

_SIGNER = "events.reminders.off"
_OF_DIGESTS = "events.digests.off"
Subject = uuid.UUID | str  # a user's id; the address of somebody without an account


def link_for(subject: Subject) -> str:
    """Good for ever: mails are kept for years."""
    token = Signer(salt=_SIGNER).sign_object(str(subject))
    return f"{settings.BASE_URL}/reminders/off/{token}"


def digest_link(user_id: uuid.UUID) -> str:
    token = Signer(salt=_OF_DIGESTS).sign_object(str(user_id))
    return f"{settings.BASE_URL}/answers/off/{token}"


def reader_of(token: str) -> User | None:
    """Whose mails about answers a link switches off."""
    try:
        name: str = Signer(salt=_OF_DIGESTS).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    person: User | None = User.objects.filter(pk=name).first()
    return person


def subject_of(token: str) -> User | str | None:
    """Whom a link was made for; None where it was not made here, or the account is gone."""
    try:
        name: str = Signer(salt=_SIGNER).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return name if "@" in name else User.objects.filter(pk=name).first()
