"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    return vouched_for(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def vouched_for(address: str, forwarded: str) -> str:
    """The address that TRUSTED_PROXIES vouch for, else the one that is connected to us; "" is a Unix socket.

    Each proxy adds who is connected to it at the right end of X-Forwarded-For; addresses further left come from the
    client and may be forged.
    """
    for told in reversed(forwarded.split(",")):
        if not _is_trusted(address):
            break
        try:
            address = str(ipaddress.ip_address(told.strip()))
        except ValueError:
            break
    return address


def network_of(address: str) -> str:
    """Of one client: an IPv6 host has a whole /64 to itself."""
    try:
        return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address
    except ValueError:
        return address


def _is_trusted(address: str) -> bool:
    if not address:
        return settings.TRUSTS_UNIX_SOCKET
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in settings.TRUSTED_PROXIES)
