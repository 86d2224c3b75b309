"""Mark meetings as favourites; nobody else can see a person's favourites."""

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import FavoriteAdded, FavoriteRemoved
from activity.log import record
from events import agenda
from events.access import place
from events.models import Event, Favorite
from events.services.events import locked
from rest.errors import Forbidden, NotFound
from users.models import User


@transaction.atomic
def add_favorite(*, event: Event, user: User, actor: Actor) -> bool:
    """False when it is one already. Raises Forbidden where the person was un-invited meanwhile."""
    event = locked(event)
    if not event.agenda.filter(user=user).exists():
        raise Forbidden
    _favorite, is_new = Favorite.objects.get_or_create(event=event, user=user)
    if is_new:
        agenda.sync(event, users=[user.pk])
        record(FavoriteAdded(), actor=actor, subject=event, place=place(event), after=Circle(owner=user.pk))
    return is_new


@transaction.atomic
def remove_favorite(*, event: Event, user: User, actor: Actor) -> None:
    """Raises NotFound where it was none."""
    event = locked(event)
    if not Favorite.objects.filter(event=event, user=user).delete()[0]:
        raise NotFound
    agenda.sync(event, users=[user.pk])
    record(FavoriteRemoved(), actor=actor, subject=event, place=place(event), before=Circle(owner=user.pk))
