"""Tells a client that a session ended (OpenID Connect Back-Channel Logout 2.5)."""

from outgoing import http
from users.models import Client
from users.provider.tokens import logout_token

DEADLINE_SECONDS = 5


def tell(*, client_id: str, sub: str, sid: str, ended_at: int) -> None:
    """Raises OutgoingError where the client did not take the token; `sid` "" is all sessions of the person."""
    client = Client.objects.filter(client_id=client_id).exclude(backchannel_logout_uri="").first()
    if client is None:  # changed since
        return
    token = logout_token(client_id=client_id, sub=sub, sid=sid, ended_at=ended_at)
    answer = http.request(
        "POST",
        client.backchannel_logout_uri,
        form={"logout_token": token},
        deadline_seconds=DEADLINE_SECONDS,
        # Staff wrote the address, and most clients stand in the same network as this site.
        is_trusted=True,
    )
    if not answer.is_success:
        raise http.OutgoingError(f"the answer's status is {answer.status}")
