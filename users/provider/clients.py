"""The clients that every installation needs: the web frontend and the API documentation page."""

from django.conf import settings

from users.models import Client


def ensure_clients() -> None:
    """Makes both rows what the settings say, also when BASE_URL or FRONTEND_URL changed; other clients stay."""
    _ensure(
        settings.OIDC_FRONTEND_CLIENT_ID,
        name="Web frontend",
        redirect_uris=f"{settings.FRONTEND_URL}/auth/callback {settings.FRONTEND_URL}/auth/popup_callback",
        post_logout_redirect_uris=f"{settings.FRONTEND_URL}/dashboard",
    )
    _ensure(
        settings.OIDC_DOCS_CLIENT_ID,
        name="API documentation",
        redirect_uris=f"{settings.BASE_URL}/v1/docs/oauth2-redirect.html",
        post_logout_redirect_uris="",
    )


def _ensure(client_id: str, **fields: str) -> None:
    client = Client.objects.filter(client_id=client_id).first() or Client(client_id=client_id)
    wanted = fields | {
        "client_type": Client.CLIENT_PUBLIC,
        "authorization_grant_type": Client.GRANT_AUTHORIZATION_CODE,
        "algorithm": Client.RS256_ALGORITHM,
        "skip_authorization": True,
    }
    if client.pk and all(getattr(client, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(client, name, value)
    client.full_clean()
    client.save()
