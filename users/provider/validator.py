"""Replaces decisions of the toolkit that do not fit: claims, disabled people, codes used twice, one token family per
sign-in.
"""

import contextlib
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac
from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError

from users import services
from users.provider import scopes
from users.provider.tokens import subject

MAX_AGE = re.compile(r"\d{1,9}", re.ASCII)  # seconds
# What may stand in the parameters that the toolkit stores, or we act upon, unread.
PARAMETERS = {
    "nonce": re.compile(r"[^\0]{0,255}"),  # as long as its column
    "code_challenge": re.compile(r"[\w-]{43}", re.ASCII),  # a SHA-256 in base64url (RFC 7636 4.2)
    "max_age": MAX_AGE,
}


class Validator(OAuth2Validator):
    oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {"tenant_id": "profile"}

    def get_additional_claims(self) -> dict[str, Callable[[Request], Any]]:
        """Without the request as argument, so that the discovery document can list them too."""
        return {
            "sub": lambda request: subject(request.user),
            "email": lambda request: request.user.email,
            "email_verified": lambda request: True,
            "given_name": lambda request: request.user.first_name,
            "family_name": lambda request: request.user.last_name,
            "name": lambda request: str(request.user),
            "preferred_username": lambda request: request.user.username,
            "tenant_id": lambda request: request.user.tenant.external_id,
            "nickname": lambda request: request.user.display_name or None,
            "picture": lambda request: request.user.avatar_url or None,
            "locale": lambda request: request.user.language or None,
            "zoneinfo": lambda request: request.user.time_zone or None,
        }

    def get_oidc_claims(self, token: Any, token_handler: Any, request: Request) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_oidc_claims(token, token_handler, request)
        return {name: value for name, value in claims.items() if value is not None}

    def get_id_token_dictionary(
        self, token: Any, token_handler: Any, request: Request
    ) -> tuple[dict[str, Any], datetime]:
        """Adds `sid`, by which a logout finds the session also when the toolkit no longer links the token to it."""
        claims, expires = super().get_id_token_dictionary(token, token_handler, request)
        return claims | {"sid": str(_session(request))}, expires

    def _create_refresh_token(
        self, request: Request, refresh_token_code: str, access_token: Any, previous_refresh_token: Any
    ) -> Any:
        # The toolkit would draw an id of its own for the first token of a family, after the ID token is signed.
        previous = previous_refresh_token or RefreshToken(token_family=_session(request))
        return super()._create_refresh_token(request, refresh_token_code, access_token, previous)

    def _load_application(self, client_id: str | None, request: Request) -> Any:
        # Nobody's id; PostgreSQL would refuse to look for it.
        return None if "\0" in (client_id or "") else super()._load_application(client_id, request)

    def _get_client_by_audience(self, audience: Any) -> Any:
        names = [audience] if isinstance(audience, str) else audience
        return super()._get_client_by_audience([name for name in names if "\0" not in name])

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Checks the parameters that nobody else does, before anything is shown or stored."""
        for name, shape in PARAMETERS.items():
            value = getattr(request, name)
            if value is not None and not shape.fullmatch(value):
                raise InvalidRequestError(description=f"Invalid {name} parameter.", request=request)
        return bool(super().validate_response_type(client_id, response_type, client, request, *args, **kwargs))

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        is_valid = super().validate_code(client_id, code, client, request, *args, **kwargs)
        if not is_valid:
            _end_what_began_with_code(request)
            return False
        request.scopes = scopes.granted(request.user, request.scopes)
        return bool(request.user.is_active)

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """Without those whose right the person has lost since."""
        original = super().get_original_scopes(refresh_token, request, *args, **kwargs) or ""
        return scopes.granted(request.refresh_token_instance.user, original.split())

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        with _used_once(request):
            challenge: str | None = super().get_code_challenge(code, request)
            return challenge

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        with _used_once(request):
            method: str | None = super().get_code_challenge_method(code, request)
            return method

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        with _used_once(request):
            return bool(super().confirm_redirect_uri(client_id, code, redirect_uri, client, request, *args, **kwargs))

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        with _used_once(request):
            super().save_bearer_token(token, request, *args, **kwargs)

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        # The transaction that takes the code stores the tokens: of two requests that meet here, one gets some.
        if request.grant_type == "authorization_code":
            super().invalidate_authorization_code(request.client_id, request.code, request)
        super()._save_bearer_token(token, request, *args, **kwargs)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """The code is gone already."""

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        is_valid = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(is_valid and request.user.is_active)

    def validate_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        """For the user information only, so that a service's own token opens nothing here."""
        is_valid = super().validate_bearer_token(token, scopes, request)
        return is_valid and request.user is not None and request.user.is_active

    def validate_jwt_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        """oauthlib takes every JWT for an ID token, so that it would refuse our access tokens (its issue 939)."""
        return self.validate_bearer_token(token, scopes, request)

    def _get_key_for_token(self, token: str) -> Any:
        """The toolkit reads the audience of unverified text and answers text that is no token with an error 500."""
        try:
            return super()._get_key_for_token(token)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def validate_silent_login(self, request: Request) -> bool:
        """`prompt=none` is answered `login_required`: at this point the toolkit does not say who is signed in."""
        return False

    def validate_silent_authorization(self, request: Request) -> bool:
        return False


@contextlib.contextmanager
def _used_once(request: Request) -> Iterator[None]:
    """Another request may take the code at any moment: then both have a copy of it, and neither gets anything."""
    try:
        yield
    except (Grant.DoesNotExist, InvalidGrantError):
        _end_what_began_with_code(request)
        raise InvalidGrantError(request=request) from None


def _session(request: Request) -> uuid.UUID:
    """The family of refresh tokens: one per sign-in, handed on by every refresh."""
    earlier = getattr(request, "refresh_token_instance", None)
    if earlier is not None and earlier.token_family:
        family: uuid.UUID = earlier.token_family
        return family
    return _session_of_code(request)


def _session_of_code(request: Request) -> uuid.UUID:
    """Calculated from the code, so that one that comes again leads to what was issued for it."""
    name = f"{request.client.pk} {request.code}"
    return uuid.UUID(bytes=salted_hmac("users.provider.session", name, algorithm="sha256").digest()[:16])


def _end_what_began_with_code(request: Request) -> None:
    """Somebody has a copy of the code, so the tokens issued for it are revoked (RFC 6749 4.1.2)."""
    session = _session_of_code(request)
    if RefreshToken.objects.filter(token_family=session, revoked=None).exists():
        services.end_session(session=str(session))
