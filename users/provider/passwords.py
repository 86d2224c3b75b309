"""What happens after a password change, whichever form or command made it."""

from typing import Any

from django.utils.translation import gettext

from activity.actors import Actor
from users import services
from users.models import User


class SignsOut:
    """Django tells its password validators of each new password. This one refuses none: it ends what the old one
    began.

    Whoever changes a password that somebody else knows wants that person out.
    """

    def validate(self, password: str, user: Any = None) -> None:
        pass

    def get_help_text(self) -> str:
        return gettext("A new password signs you out on all devices.")

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None and user.last_login is not None:
            # Django does not say who set it.
            services.end_sessions(user=user, actor=Actor.by_service("new password"))
