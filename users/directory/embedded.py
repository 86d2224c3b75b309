"""Accounts of the embedded provider whose owners have never used the API."""

import uuid
from collections.abc import Collection

from users.directory.accounts import Account
from users.models import User


class Embedded:
    is_failing = False

    def accounts(self, tenant_id: uuid.UUID, emails: Collection[str], *, may_wait: bool) -> dict[str, Account]:
        people = User.objects.unregistered().of_tenant(tenant_id).filter(email__in=emails)
        return {person.email: _account(person) for person in people}

    def search(self, tenant_id: uuid.UUID, text: str, *, limit: int) -> list[Account]:
        people = User.objects.unregistered().of_tenant(tenant_id).matching(text)
        return [_account(person) for person in people.order_by("last_name", "first_name", "id")[:limit]]


def _account(person: User) -> Account:
    return Account(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        language=person.language,
        time_zone=person.time_zone,
        sub=str(person.pk),
    )
