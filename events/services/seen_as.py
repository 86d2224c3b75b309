"""Staff look at what a person sees: each look is written down."""

import uuid
from typing import Literal

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.kinds import UserSeenAs
from activity.log import record
from users.models import User


@transaction.atomic
def look_as(*, user: User, actor: Actor, page: Literal["agenda", "event"], event_id: uuid.UUID | None = None) -> None:
    own = Circle(owner=user.pk)
    record(
        UserSeenAs(email=user.email, display_name=user.display_name, page=page),
        actor=actor,
        subject=user,
        place=Place(tenant_id=user.tenant_id, event_id=event_id),
        before=own,
        after=own,
    )
