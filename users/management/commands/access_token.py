"""`manage.py access_token alice`: a token for a first call of the API by hand."""

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from oauth2_provider.settings import oauth2_settings

from users.models import User
from users.provider.scopes import granted
from users.provider.tokens import access_token


class Command(BaseCommand):
    help = (
        "Prints an access token of the embedded provider, good for some minutes, as the person's own sign-in would get."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> str:
        if not settings.OIDC_IS_EMBEDDED:
            raise CommandError(f"Accounts are at {settings.OIDC_ISSUER}, which alone can issue tokens for them.")
        user = User.objects.filter(username=options["username"], disabled_since=None).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        request = SimpleNamespace(
            client=SimpleNamespace(client_id=settings.OIDC_DOCS_CLIENT_ID),
            user=user,
            scopes=granted(user, oauth2_settings.SCOPES),
            grant_type="authorization_code",
            expires_in=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS,
        )
        return access_token(request)
