"""Which people a person may see (those of the same tenant), and whom a verified token belongs to."""

import uuid
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models

from database.rows import plain_rows
from rest.errors import ApiError, NotFound
from users import directory
from users.directory import Account
from users.models import Tariff, Tenant, User, UserQuerySet


class QueryTooShort(ApiError):
    code = "query_too_short"
    default_detail = "The search text must have at least 3 characters"


def signed_in(*, sub: str, tenant: str) -> User | None:
    """The person a valid token names, if that person has used the API; one statement, with tariff and tenant."""
    return _people().filter(tenant__external_id=tenant, oidc_sub=sub).first()


@cache
def _people() -> models.QuerySet[Any, User]:
    """Every request of the API begins with it."""
    return plain_rows(User.objects.order_by("pk"), _person, {"": User, "tenant": Tenant, "tariff": Tariff})


def _person(user: User, tenant: Tenant, tariff: Tariff | None) -> User:
    user.tenant, user.tariff = tenant, tariff
    return user


def visible(user: User) -> UserQuerySet:
    """Registered people of the tenant, the caller included."""
    people: UserQuerySet = User.objects.registered().of_tenant(user.tenant_id)
    return people


def readable(user: User, user_id: uuid.UUID) -> User:
    """Somebody of the own tenant; the same 404 for people of other tenants, disabled people and unknown ids."""
    person: User | None = visible(user).filter(pk=user_id).first()
    if person is None:
        raise NotFound
    return person


def everybody(user: User) -> UserQuerySet:
    """The list of the own tenant. Raises NotFound where people may not be searched."""
    if settings.USERS_FIND == "disabled":
        raise NotFound
    return visible(user).order_by("display_name", "last_name", "id")


def find(user: User, text: str) -> list[User | Account]:
    """People of the tenant that match, registered ones first, at most USERS_FIND_LIMIT. Raises NotFound."""
    people, limit = everybody(user), settings.USERS_FIND_LIMIT
    if settings.USERS_FIND == "database":
        return list(people.matching(text)[:limit])
    accounts = directory.search(user.tenant_id, text, limit=limit)
    # Accounts whose person is known by another name here, or disabled.
    subjects, emails = [account.sub for account in accounts], [account.email for account in accounts]
    known = User.objects.of_tenant(user.tenant_id).filter(oidc_sub__isnull=False)
    same = list(known.filter(models.Q(oidc_sub__in=subjects) | models.Q(email__in=emails))) if accounts else []
    # The web client drops the caller from what it shows, so the caller is not left out here.
    found: list[User | Account] = list(people.matching(text)[:limit])
    found += [person for person in same if person.is_active and person not in found]
    taken = {person.oidc_sub for person in same} | {person.email for person in same}
    found += [account for account in accounts if account.sub not in taken and account.email not in taken]
    return found[:limit]


def used_storage(user: User) -> int:
    """Bytes of all files in the user's own rooms, uploads and volumes, in one statement."""
    rooms, owned = user.rooms.order_by().values("created_by"), user.objects_owned.order_by().values("owner")
    sums = (
        rooms.annotate(total=models.Sum("assets__size")),
        owned.annotate(total=models.Sum("content__size")),
        owned.annotate(total=models.Sum("files__size")),
    )
    found = User.objects.filter(pk=user.pk).values_list(*(models.Subquery(rows.values("total")) for rows in sums))
    return sum(total or 0 for total in found.get())
