"""The links in reminders by which somebody switches them off, without signing in: a signed name of that person."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from users.models import User

_SIGNER = "events.reminders.off"
Subject = uuid.UUID | str  # a user's id; the address of somebody without an account


def link_for(subject: Subject) -> str:
    """Good for ever: mails are kept for years."""
    token = Signer(salt=_SIGNER).sign_object(str(subject))
    return f"{settings.BASE_URL}/reminders/off/{token}"


def subject_of(token: str) -> User | str | None:
    """Whom a link was made for; None where it was not made here, or the account is gone."""
    try:
        name: str = Signer(salt=_SIGNER).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return name if "@" in name else User.objects.filter(pk=name).first()
