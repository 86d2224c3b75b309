"""Sign-in of a program that was given somebody's password: its tries are counted with those of the login page."""

from django.conf import settings

from rest.errors import Forbidden, Unauthorized
from users import guard, services
from users.models import User
from users.oidc.claims import read_claims
from users.provider.backends import with_password
from users.provider.second_factor import is_wanted
from users.provider.tokens import person_claims


class WrongCredentials(Unauthorized):
    default_detail = "Invalid username or password"


def user_with_password(*, name: str, password: str, address: str) -> User:
    """The person, who uses the API from now on. Raises WrongCredentials, TooManyRequests, Forbidden."""
    guard.count_try(name=name, address=address)
    user = with_password(name, password)
    if user is None:
        raise WrongCredentials
    guard.forget_tries(name=name, address=address)
    if not user.is_active:
        raise Forbidden("This account is disabled")
    if is_wanted(user):
        raise Forbidden("This account has a second factor: sign in with an access token")
    if not user.is_registered:
        if not settings.OIDC_IS_EMBEDDED:
            raise Forbidden("This account has never used the API: sign in with an access token")
        return services.provision_user(claims=read_claims(person_claims(user)))
    return user
