"""Use cases of tags: made, changed with their policy, deleted. Attaching them is in tagging.py."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Place
from activity.changes import Changes, assign, changes_of
from activity.log import record
from activity.object_kinds import TagCreated, TagDeleted, TagUpdated
from integrations.objects.access import circle_in, circles
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Grant, Level, Tag
from integrations.objects.services.locking import locked_all, locked_tags
from integrations.objects.services.sharing import record_sharing
from rest.errors import Conflict, NotFound, field_error
from users import access as people
from users.models import User

MOST_TAGS = 1000  # of one person
MOST_GRANTS = 500  # in one policy
GRANTED = (Level.READ, Level.WRITE, Level.PROPAGATE)
Policy = Mapping[uuid.UUID, int]


class TooManyTags(Conflict):
    code = "too_many_tags"
    default_detail = f"A person has at most {MOST_TAGS} tags"


@transaction.atomic
def create_tag(
    *, owner: User, actor: Actor, label: str, foreign_use: bool = False, policy: Policy | None = None
) -> Tag:
    """`policy`: the level of each person, 0 of none; the owner's may be named. Raises ValidationFailed, TooManyTags."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if owner.tags_owned.count() >= MOST_TAGS:
        raise TooManyTags
    tag = Tag.objects.create(owner=owner, label=label, foreign_use=foreign_use)
    _grant(tag, policy or {})
    record(TagCreated(**_snapshot(tag)), actor=actor, subject=tag, place=place_of(tag), after=circle_in(tag))
    return tag


@transaction.atomic
def update_tag(*, tag: Tag, actor: Actor, policy: Policy | None = None, **fields: Any) -> Tag:
    """`policy` names who gets another level, and with 0 who loses access; everybody else keeps theirs.

    `fields`: label, foreign_use. Raises ValidationFailed, and NotFound where the tag was deleted meanwhile.
    """
    tag = locked_tags([tag.pk])[tag.pk]
    objects = _objects_with(tag) if policy else []
    before, objects_before, levels = circle_in(tag), circles(objects), levels_of(tag)
    changes: Changes = changes_of(tag, fields)
    assign(tag, changes)
    if changes:
        tag.save(update_fields=list(changes))
    _grant(tag, policy or {})
    now = levels_of(tag)
    if now != levels:
        changes["policy"] = (levels, now)
    if not changes:
        return tag
    lost = {person: int(Level.NONE) for person in levels if person not in now}
    kind = TagUpdated(**_snapshot(tag, lost))
    after = circle_in(tag)
    record(kind, actor=actor, subject=tag, place=place_of(tag), before=before, after=after, changes=changes)
    record_sharing(objects=objects, before=objects_before, actor=actor)
    return tag


@transaction.atomic
def delete_tag(*, tag: Tag, actor: Actor) -> None:
    """Takes it off all objects. Raises NotFound where somebody else was faster."""
    held = Tag.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=tag.pk).first()
    if held is None:
        raise NotFound
    objects = _objects_with(held)
    before = circles(objects)
    kind = TagDeleted(label=held.label)
    record(kind, actor=actor, subject=held, place=place_of(held), before=circle_in(held))
    Tag.objects.filter(pk=held.pk).delete()
    record_sharing(objects=objects, before=before, actor=actor)


def place_of(tag: Tag) -> Place:
    return Place(tenant_id=tag.owner.tenant_id)


def levels_of(tag: Tag) -> dict[str, int]:
    """`{id of a person: level}`, without the owner."""
    return {str(person): level for person, level in tag.grants.order_by("user").values_list("user", "level")}


def _snapshot(tag: Tag, lost: dict[str, int] | None = None) -> dict[str, Any]:
    owner = str(tag.owner_id)
    policy = {owner: int(Level.OWNER)} | levels_of(tag) | (lost or {})
    return {"label": tag.label, "owner_id": owner, "foreign_use": tag.foreign_use, "policy": policy}


def _objects_with(tag: Tag) -> Sequence[Object]:
    """Those that have the tag, held: it is attached by nobody else while its row is held."""
    return locked_all(tag.attachments.values_list("object", flat=True))


def _grant(tag: Tag, policy: Policy) -> None:
    """Sets the levels that are named. The tag is held. Raises ValidationFailed for who is not of the owner's tenant."""
    own = {tag.owner_id: Level.OWNER}
    given = {person: level for person, level in policy.items() if level != Level.NONE and own.get(person) != level}
    known = set(people.visible(tag.owner).filter(pk__in=given).values_list("pk", flat=True)) - {tag.owner_id}
    for person, level in given.items():
        if person == tag.owner_id:
            raise field_error(f"policy.{person}", "invalid", "The owner of a tag has every right by it")
        if person not in known:
            raise field_error(f"policy.{person}", "invalid", "There is nobody with this id")
        if level not in GRANTED:
            raise field_error(f"policy.{person}", "out_of_range", "Others have 1 to 3, and 0 is no access")
    tag.grants.filter(user__in=[person for person in policy if person not in given]).delete()
    Grant.objects.bulk_create(
        [Grant(tag=tag, user_id=person, level=level) for person, level in given.items()],
        update_conflicts=True,
        unique_fields=["tag", "user"],
        update_fields=["level"],
    )
    if tag.grants.count() > MOST_GRANTS:
        raise field_error("policy", "max_length", f"A policy names at most {MOST_GRANTS} people")
