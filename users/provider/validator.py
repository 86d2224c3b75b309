"""Where the toolkit's decisions do not fit: claims, disabled people, one family of tokens per sign-in."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from oauth2_provider.models import RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from users.provider.tokens import subject


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

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        is_valid = super().validate_code(client_id, code, client, request, *args, **kwargs)
        return is_valid and request.user.is_active

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        is_valid = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return is_valid and request.user.is_active

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


def _session(request: Request) -> uuid.UUID:
    """The family of refresh tokens: one per sign-in, handed on by every refresh."""
    earlier = getattr(request, "refresh_token_instance", None)
    if earlier is not None and earlier.token_family:
        family: uuid.UUID = earlier.token_family
        return family
    if not hasattr(request, "token_family"):
        request.token_family = uuid.uuid4()
    drawn: uuid.UUID = request.token_family
    return drawn
