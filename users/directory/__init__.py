"""Looks up people who have an account at the identity provider but have never used the API ("unregistered").

The setting DIRECTORY selects the source: the embedded provider's table, Keycloak, or none.
"""

import uuid
from collections.abc import Collection, Iterable
from typing import Protocol

from django.conf import settings

from calendars.addresses import canonical
from users.directory.accounts import Account
from users.directory.embedded import Embedded
from users.directory.keycloak import Keycloak

__all__ = ["Account", "Directory", "accounts_of", "is_failing", "is_local", "search"]


class Directory(Protocol):
    """A source of accounts. On failures and timeouts it logs, and returns what it has found so far."""

    @property
    def is_failing(self) -> bool: ...

    def accounts(self, tenant_id: uuid.UUID, emails: Collection[str], *, may_wait: bool) -> dict[str, Account]: ...

    def search(self, tenant_id: uuid.UUID, text: str, *, limit: int) -> list[Account]: ...


class Nobody:
    is_failing = False

    def accounts(self, tenant_id: uuid.UUID, emails: Collection[str], *, may_wait: bool) -> dict[str, Account]:
        return {}

    def search(self, tenant_id: uuid.UUID, text: str, *, limit: int) -> list[Account]:
        return []


DIRECTORIES: dict[str, Directory] = {"embedded": Embedded(), "keycloak": Keycloak(), "none": Nobody()}


def accounts_of(tenant_id: uuid.UUID, emails: Iterable[str], *, may_wait: bool = True) -> dict[str, Account]:
    """The accounts with these addresses, by canonical address, looked up together.

    `may_wait=False`, for use inside transactions, returns only what is known without asking another server.
    """
    wanted = {canonical(email) for email in emails}
    return DIRECTORIES[settings.DIRECTORY].accounts(tenant_id, wanted, may_wait=may_wait) if wanted else {}


def search(tenant_id: uuid.UUID, text: str, *, limit: int) -> list[Account]:
    """Accounts whose name or address matches. Some may be registered in the meantime."""
    return DIRECTORIES[settings.DIRECTORY].search(tenant_id, text, limit=limit)


def is_local() -> bool:
    """Whether the accounts are rows of this database, so that a query can join them."""
    return settings.DIRECTORY == "embedded"


def is_failing() -> bool:
    """Whether the last request failed, so that results may be incomplete."""
    return DIRECTORIES[settings.DIRECTORY].is_failing
