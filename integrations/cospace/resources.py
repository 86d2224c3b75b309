"""Objects, tags and comments as the calls answer them: with the members of their events."""

import uuid
from collections.abc import Iterable
from typing import Any

from integrations.cospace.dialect import Json, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.objects.access import tags_of
from integrations.objects.models.comments import Comment
from integrations.objects.models.contacts import Contact
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level, Tag
from users.models import User


def told_objects(objects: Iterable[Object]) -> dict[str, Json]:
    """By their ids."""
    rows = list(objects)
    tags = tags_of(rows)
    return {str(one.pk): _object(one, tags[one.pk]) for one in rows}


def told_object(one: Object) -> Json:
    return told_objects([one])[str(one.pk)]


def _object(one: Object, tags: list[str]) -> Json:
    told = without_empty(object=str(one.pk), type=one.type, owner=str(one.owner_id), description=one.description)
    told |= {"tag": tags, "create_time": seconds(one.created_at), "modify_time": seconds(one.modified_at)}
    return told | ({"delete_time": seconds(one.deleted_at)} if one.deleted_at else {})


def told_tag(tag: Tag) -> Json:
    """`policy` names everybody with access; of many tags their grants are prefetched."""
    grants = {str(grant.user_id): grant.level for grant in tag.grants.all()}
    policy = {str(tag.owner_id): int(Level.OWNER)} | grants
    return _tag(tag.pk, tag.owner_id, label=tag.label, foreign_use=tag.foreign_use, policy=policy)


def told_tag_all(user: User, tag_id: uuid.UUID) -> Json:
    """The built-in tag of everything, which has no label of its own."""
    return _tag(tag_id, user.pk, label="", foreign_use=False, policy={str(user.pk): int(Level.OWNER)})


def _tag(tag_id: uuid.UUID, owner_id: uuid.UUID, **members: Any) -> Json:
    return {"tag": str(tag_id), "owner": str(owner_id)} | members


def told_comment(comment: Comment) -> Json:
    return {
        "comment": str(comment.pk),
        "owner": str(comment.owner_id),
        "text": comment.text,
        "create_time": seconds(comment.created_at),
        "modify_time": seconds(comment.modified_at),
    }


CONTACT = ("given_name", "family_name", "organization", "numbers", "emails", "addresses", "note")


def told_contact(contact: Contact, told: Json) -> Json:
    return told | {name: getattr(contact, name) for name in CONTACT}
