"""`Authorization: InviteCode <guest code>`: a guest, for the few operations that accept a code."""

import uuid

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from invites.access import opened_by
from invites.models import InviteCode
from rest.errors import MissingToken

UUID_LENGTH = 36


class InviteCodeAuthentication(BaseAuthentication):
    """The valid code is `request.auth`; a view lists this class before the one for people.

    The frontend sends it as `Bearer` at times (contract 1.1); no access token is a UUID. Raises NotFound for a code
    that opens nothing, MissingToken for what is no code.
    """

    errors = (MissingToken,)  # for the API's description (rest/schema.py)

    def authenticate(self, request: Request) -> tuple[AnonymousUser, InviteCode] | None:
        scheme, _blank, text = request.headers.get("Authorization", "").partition(" ")
        code = _as_uuid(text.strip())
        if code is not None and scheme.lower() in {"invitecode", "bearer"}:
            return AnonymousUser(), opened_by(code)
        if scheme.lower() == "invitecode":
            raise MissingToken
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'InviteCode realm="api"'


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if len(text) == UUID_LENGTH else None
    except ValueError:
        return None
