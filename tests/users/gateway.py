"""The telephone gateway: a program that acts for itself, with a token of the client-credentials grant."""

from django.test import Client as Browser

from tests.api import Api
from tests.users.relying_party import make_service
from users.models import Client

SECRET = "a long secret of the gateway"


def gateway(*roles: str) -> Api:
    """With these roles, by default the one it needs."""
    Client.objects.filter(client_id="gateway").delete()
    make_service(SECRET, *(roles or ["opentalk-call-in"]), name="gateway")
    fields = {"grant_type": "client_credentials", "client_id": "gateway", "client_secret": SECRET}
    answer = Browser().post("/oidc/token/", fields)
    assert answer.status_code == 200, answer.content
    return Api(authorization=f"Bearer {answer.json()['access_token']}")
