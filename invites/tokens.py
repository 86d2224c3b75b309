"""The links in mails by which an invitation is answered without signing in: a signed name of that invitation."""

import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare

from invites.models import EmailInvite, EventInvite

_SIGNER = "invites.answer"  # no other signed link of the site opens this page, nor this one another
_NAME = re.compile(r"([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{1,32})", re.ASCII)
AnyInvite = EventInvite | EmailInvite


def token_of(invite: AnyInvite) -> str:
    """Good until the invitation is taken back; it is claimed with the same id and nonce."""
    name = urlsafe_b64encode(invite.pk.bytes).rstrip(b"=").decode()
    return Signer(salt=_SIGNER).sign(name + invite.token_nonce)


def invite_of(token: str) -> AnyInvite | None:
    """The invitation with its event and creator; None where the token was not made here, or there is none any more."""
    try:
        match = _NAME.fullmatch(Signer(salt=_SIGNER).unsign(token))
    except BadSignature:
        return None
    if match is None:
        return None
    pk = uuid.UUID(bytes=urlsafe_b64decode(match[1] + "=="))
    invite = _found(pk)
    return invite if invite is not None and constant_time_compare(invite.token_nonce, match[2]) else None


def _found(pk: uuid.UUID) -> AnyInvite | None:
    along = "event__created_by__tariff", "event__room"
    by_account = EventInvite.objects.select_related(*along, "invitee").filter(pk=pk).first()
    return by_account or EmailInvite.objects.select_related(*along).filter(pk=pk).first()
