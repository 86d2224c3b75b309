"""Who has an account at the identity provider without ever having used the API: the "unregistered" people."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from users.models import User


@dataclass(frozen=True)
class Account:
    email: str
    first_name: str
    last_name: str
    language: str
    time_zone: str


def accounts_of(tenant_id: uuid.UUID, emails: Iterable[str]) -> dict[str, Account]:
    """The accounts behind these addresses, by address; one question for all of them."""
    wanted = set(emails)
    if not wanted:
        return {}
    people = User.objects.unregistered().of_tenant(tenant_id).filter(email__in=wanted)
    return {
        person.email: Account(person.email, person.first_name, person.last_name, person.language, person.time_zone)
        for person in people
    }
