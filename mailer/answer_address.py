"""The addresses that meetings have as ORGANIZER where the site takes answers: one for each, known by its token."""

import re
import secrets
from collections.abc import Iterable

from django.conf import settings

# Hexadecimal, because mail servers may change the case of a letter.
_ADDRESS = re.compile(r"(?<![\w.+-])meeting\+([0-9a-f]{32})@[^@\s,;<>]+", re.IGNORECASE)


def new_token() -> str:
    return secrets.token_hex(16)


def address_of(token: str) -> str:
    return f"meeting+{token}@{settings.INBOUND_DOMAIN}"


def tokens_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Of the addresses in these texts, each once. Their domain is not looked at: it may have other names."""
    return tuple(dict.fromkeys(token.lower() for text in texts for token in _ADDRESS.findall(text)))


def is_read(address: str) -> bool:
    """Whether mail to it still reaches us: the domain may be another one since."""
    return bool(tokens_in([address])) and address.endswith(f"@{settings.INBOUND_DOMAIN}")
