"""TURN and STUN servers, with passwords that coturn (`use-auth-secret`) computes itself.

The scheme is that of draft-uberti-behave-turn-rest; the answer's shape is contract 13.1. Knows no room and no person:
the user name says nothing of who asks.
"""

import base64
import hmac
import re
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from rest import fields

# RFC 7064 and RFC 7065. The first group is the scheme, the second the host.
ADDRESS = re.compile(r"(stuns?|turns?):([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?")
MOST_URIS = 20  # of one server
MOST_TURN_SERVERS = 2  # each costs the browser time; the second is for when the first is down


class IceServer(serializers.Serializer[Any]):
    """A TURN server with credentials, or the STUN servers without."""

    username = serializers.CharField(max_length=255, required=False)
    password = serializers.CharField(max_length=255, required=False)
    ttl = serializers.CharField(
        max_length=20, required=False, help_text="When the password expires, in seconds since 1970"
    )
    uris = fields.Items(child=serializers.CharField(max_length=255), max_length=MOST_URIS)


def ice_servers(now: datetime) -> list[dict[str, Any]]:
    """Some TURN servers, each with credentials of its own, then all STUN servers; [] where none are set."""
    by_host: dict[str, list[str]] = {}
    for uri in settings.TURN_URIS:
        by_host.setdefault(host_of(uri), []).append(uri)
    hosts = list(by_host)
    # Of two servers one, so that both have work; of more, two.
    count = min(max(len(hosts) - 1, 1), MOST_TURN_SERVERS, len(hosts))
    chosen = secrets.SystemRandom().sample(hosts, count)
    servers = [_credentials(now) | {"uris": by_host[host]} for host in chosen]
    return servers + ([{"uris": settings.STUN_URIS}] if settings.STUN_URIS else [])


def host_of(uri: str) -> str:
    """ "" for what is no STUN or TURN address."""
    match = ADDRESS.fullmatch(uri)
    return match[2].lower() if match else ""


def _credentials(now: datetime) -> dict[str, Any]:
    expires_at = str(int(now.timestamp()) + settings.TURN_LIFETIME_SECONDS)
    # Somebody who watches the network could follow a name from meeting to meeting.
    username = f"{expires_at}:turn_random_for_privacy_{base64.b64encode(secrets.token_bytes(16)).decode()}"
    digest = hmac.digest(settings.TURN_SECRET.encode(), username.encode(), "sha1")
    return {"username": username, "password": base64.b64encode(digest).decode(), "ttl": expires_at}
