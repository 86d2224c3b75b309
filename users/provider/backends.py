"""Sign-in with a user name or an e-mail address."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.http import HttpRequest

from users.models import User


class UsernameOrEmailBackend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        user = with_password(username, password)
        return user if user is not None and self.user_can_authenticate(user) else None


def with_password(name: str, password: str) -> User | None:
    """Whose name and password it is, also somebody disabled."""
    user = find_account(name)
    if user is None:
        # Takes as long as a wrong password, so that the time does not tell whether the account exists.
        User().set_password(password)
        return None
    return user if user.check_password(password) else None


def find_account(name: str) -> User | None:
    """The user with this name, else the one with this address who can sign in here; nobody where several can."""
    user: User | None = User.objects.filter(username=name).first()
    if user is not None or "@" not in name:
        return user
    # People of another issuer may have the same address: they have no password here.
    enabled = User.objects.by_email(name).filter(disabled_since__isnull=True)
    owners = list(enabled.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)[:2])
    return owners[0] if len(owners) == 1 else None
