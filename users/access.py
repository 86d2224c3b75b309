"""Which people somebody may see: those of the own tenant."""

from django.conf import settings
from django.db import models

from users.models import User, UserQuerySet


def visible(user: User) -> UserQuerySet:
    """Registered people of the tenant, the caller included."""
    return User.objects.registered().of_tenant(user.tenant_id)


def find(user: User, text: str) -> list[User]:
    """People of the tenant that match, registered ones first, at most USERS_FIND_LIMIT."""
    text = text.replace("%", "").strip()
    people = User.objects.of_tenant(user.tenant_id).filter(disabled_since=None).matching(text)
    # The web client drops the caller from what it shows, so he is not left out here.
    registered_first = models.Case(models.When(oidc_sub__isnull=False, then=0), default=1)
    return list(people.order_by(registered_first, "display_name", "last_name", "id")[: settings.USERS_FIND_LIMIT])


def used_storage(user: User) -> int:
    """Bytes of all files in the user's own rooms."""
    total: int | None = user.rooms.aggregate(total=models.Sum("assets__size"))["total"]
    return total or 0
