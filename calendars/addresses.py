"""E-mail addresses, which calendars name people by: one spelling for each, and the one that mail servers know."""

import re

_LOCAL_PART = re.compile(r"[!-~]+")


def canonical(address: str) -> str:
    """In small letters, the domain in letters as people read them, though it was given as name servers know it."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower().encode("ascii").decode("idna")
    except UnicodeError:
        domain = domain.lower()
    return f"{local.lower()}{at}{domain}"


def ascii_address(address: str) -> str:
    """With a domain of other letters as name servers and every mail server know it (RFC 5891)."""
    if address.isascii():
        return address
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def spellings(address: str) -> set[str]:
    """Those that may be stored: before there was one spelling, a domain was kept as it was given."""
    one = canonical(address)
    return {one, ascii_address(one)} if is_mailable(one) else {one}


def is_mailable(address: str) -> bool:
    """Whether the part before the @ is ASCII and the domain can be looked up.

    Of other letters some become ASCII when they are made small: "\u212a" would be somebody else's "k".
    """
    local, _at, domain = address.rpartition("@")
    try:
        domain.encode("idna")
    except UnicodeError:
        return False
    return _LOCAL_PART.fullmatch(local) is not None
