"""E-mail addresses, which identify people in calendars: the stored spelling, and the one for mail servers."""

import re

_LOCAL_PART = re.compile(r"[!-~]+")


def canonical(address: str) -> str:
    """In lower case, with the domain in Unicode even if it was given in punycode."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower().encode("ascii").decode("idna")
    except UnicodeError:
        domain = domain.lower()
    return f"{local.lower()}{at}{domain}"


def is_same(one: str, other: str) -> bool:
    """Whether both are spellings of one address."""
    return canonical(one) == canonical(other)


def is_same_mailbox(one: str, other: str) -> bool:
    """`is_same`, or one of the two has a tag that the other lacks: bob+meetings@example.org is bob@example.org's."""
    if is_same(one, other):
        return True
    (local, tag, domain), (other_local, other_tag, other_domain) = _tagged(one), _tagged(other)
    return (local, domain) == (other_local, other_domain) and not (tag and other_tag)


def _tagged(address: str) -> tuple[str, str, str]:
    local, _at, domain = canonical(address).rpartition("@")
    name, _plus, tag = local.partition("+")
    return name or local, tag if name else "", domain


def ascii_address(address: str) -> str:
    """With an international domain in punycode, which every mail server accepts (RFC 5891)."""
    if address.isascii():
        return address
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def spellings(address: str) -> set[str]:
    """The spellings that may be stored: older rows keep a domain as it was given."""
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
