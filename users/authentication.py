"""`Authorization: Bearer <access token>` -> the User, provisioned on first use, or the Service."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from rest.errors import ApiError, ExpiredToken, Forbidden, MissingToken, ServiceUnavailable, Unauthorized
from users import access, services
from users.models import User
from users.oidc import person
from users.oidc.claims import InvalidClaims, read_claims
from users.oidc.tokens import CheckedToken, check_access_token, verify_id_token
from users.tariffs import InvalidTariffId


class UserRequest(Request):
    """What a view gets whose permission is IsSignedIn: only the type is new."""

    user: User


class BearerAuthentication(BaseAuthentication):
    # For the API's description (rest/schema.py).
    errors: ClassVar[tuple[type[ApiError], ...]] = (
        Unauthorized, Forbidden, InvalidClaims, InvalidTariffId, ServiceUnavailable,
    )  # fmt: skip

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _blank, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise MissingToken
        return self.bearer_of(token.strip())

    def bearer_of(self, token: str) -> tuple[Any, Any]:
        """Whose token it is, and what it says."""
        return user_of(token)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class OptionalBearerAuthentication(BearerAuthentication):
    """For operations that need no sign-in: an invalid token counts as none."""

    errors = ()

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        try:
            return super().authenticate(request)
        except ApiError:
            return None


class ServiceAuthentication(BearerAuthentication):
    """For programs with a token of their own (client credentials); a person's token opens nothing here."""

    errors = (Unauthorized, Forbidden, ServiceUnavailable)

    def bearer_of(self, token: str) -> tuple[Any, Any]:
        return service_of(token)


@dataclass(frozen=True)
class Service:
    """A program that got its token for itself. `roles` are lower-case."""

    name: str
    roles: frozenset[str]
    is_authenticated: ClassVar[bool] = True


class ServiceRequest(Request):
    """What a view gets whose permission is a HasRole: only the type is new."""

    user: Service  # type: ignore[assignment] # Django knows only its own


def user_of(token: str) -> tuple[User, dict[str, Any]]:
    """The token's person and its claims. A token that comes again costs one statement.

    Raises Unauthorized, Forbidden, InvalidClaims, InvalidTariffId, ServiceUnavailable.
    """
    checked = check_access_token(token)
    if person.is_service(checked.payload):
        raise Forbidden
    user = _known_user(checked) or _provisioned_user(token, checked)
    if not user.is_active:
        raise Forbidden
    ended_at = user.sessions_ended_at
    if ended_at is not None and checked.payload["iat"] <= ended_at.timestamp():
        raise ExpiredToken
    return user, checked.payload


def service_of(token: str) -> tuple[Service, dict[str, Any]]:
    """The token's service and its claims. Raises Unauthorized, Forbidden, ServiceUnavailable."""
    payload = check_access_token(token).payload
    if not person.is_service(payload):
        raise Forbidden
    access_claim = payload.get("realm_access")
    roles = access_claim.get("roles") if isinstance(access_claim, dict) else None
    names = roles if isinstance(roles, list) else []
    return Service(payload["sub"], frozenset(str(name).lower() for name in names)), payload


def _known_user(checked: CheckedToken) -> User | None:
    """None for a token whose person was not looked up so far. Only the embedded provider's says all there is."""
    if checked.tenant is None and settings.OIDC_IS_EMBEDDED:
        checked.tenant = str(checked.payload.get("tenant_id") or settings.TENANT_DEFAULT)
    return access.signed_in(sub=checked.payload["sub"], tenant=checked.tenant) if checked.tenant is not None else None


def _provisioned_user(token: str, checked: CheckedToken) -> User:
    try:
        claims = person.claims(token, checked.payload)
    except ServiceUnavailable:
        # Whoever was here before is known; the names are refreshed with the next token.
        checked.tenant = person.tenant_of(checked.payload)
        user = access.signed_in(sub=checked.payload["sub"], tenant=checked.tenant)
        if user is None:
            checked.tenant = None
            raise
        return user
    user = services.provision_user(claims=claims)
    checked.tenant = claims.tenant
    return user


def sign_in(id_token: str) -> None:
    """What the frontend does after each refresh. Raises what `user_of` raises, and InvalidIdToken."""
    payload = verify_id_token(id_token)
    if not person.is_complete(payload):
        # Some issuers put no names into ID tokens; the first request brings the token that may ask for them.
        return
    if not services.provision_user(claims=read_claims(payload)).is_active:
        raise Forbidden
