"""Scopes that the embedded provider gives only to people with a right."""

from collections.abc import Iterable
from typing import Any

from users.models import User

EVENTS_READ = "spark-compliance:events_read"
WEBHOOKS_READ, WEBHOOKS_WRITE = "spark-compliance:webhooks_read", "spark-compliance:webhooks_write"
# Scope -> the right that a person needs for it, beside being staff.
RIGHTS = dict.fromkeys((EVENTS_READ, WEBHOOKS_READ, WEBHOOKS_WRITE), "activity.view_compliance")


def granted(user: User | None, scopes: Iterable[str]) -> list[str]:
    """Those of the scopes that this person's token may have."""
    return [scope for scope in scopes if scope not in RIGHTS or _has(user, RIGHTS[scope])]


def names_in(claim: Any) -> frozenset[str]:
    """Of a token's claim `scope`: a text with blanks (RFC 9068 2.2.3), or a list, as some issuers write it."""
    if isinstance(claim, str):
        return frozenset(claim.split())
    return frozenset(name for name in claim if isinstance(name, str)) if isinstance(claim, list) else frozenset()


def _has(user: User | None, right: str) -> bool:
    return user is not None and user.is_staff and user.has_perm(right)
