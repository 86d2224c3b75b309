"""Use cases of comments. Whoever can access an object can write on it; authors change and delete their own."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.changes import changes_of
from activity.kind import Kind
from activity.log import record
from activity.object_kinds import CommentCreated, CommentDeleted, CommentUpdated
from integrations.objects.access import circle, place
from integrations.objects.models.comments import Comment
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked
from rest.errors import Conflict, Forbidden, NotFound
from users.models import User

MOST_COMMENTS = 5000


class TooManyComments(Conflict):
    code = "too_many_comments"
    default_detail = f"An object has at most {MOST_COMMENTS} comments"


@transaction.atomic
def create_comment(*, one: Object, author: User, text: str, actor: Actor) -> Comment:
    """Raises TooManyComments, and NotFound where the object is gone."""
    one = locked(one)
    if one.comments.count() >= MOST_COMMENTS:
        raise TooManyComments
    now = timezone.now()
    comment = Comment.objects.create(object=one, owner=author, text=text, created_at=now, modified_at=now)
    people = circle(one)
    _record(CommentCreated(**_snapshot(comment), text=text), comment, actor, before=people, after=people)
    return comment


@transaction.atomic
def update_comment(*, comment: Comment, by: User, text: str, actor: Actor) -> Comment:
    """Raises Forbidden for who did not write it, NotFound where it is gone."""
    comment = _held(comment)
    if comment.owner_id != by.pk:
        raise Forbidden
    if not changes_of(comment, {"text": text}):
        return comment
    comment.text, comment.modified_at = text, timezone.now()
    comment.save(update_fields=["text", "modified_at"])
    people = circle(comment.object)
    _record(CommentUpdated(**_snapshot(comment), text=text), comment, actor, before=people, after=people)
    return comment


@transaction.atomic
def delete_comment(*, comment: Comment, by: User | None, actor: Actor) -> None:
    """`by`: who wrote it or owns the object; None for staff, also in the trash. Raises Forbidden, NotFound."""
    comment = _held(comment, in_trash=False if by else None)
    if by is not None and by.pk not in (comment.owner_id, comment.object.owner_id):
        raise Forbidden
    people = circle(comment.object)
    _record(CommentDeleted(**_snapshot(comment)), comment, actor, before=people, after=people)
    Comment.objects.filter(pk=comment.pk).delete()


def _held(comment: Comment, *, in_trash: bool | None = False) -> Comment:
    """The object's row orders all changes of its comments."""
    one = locked(comment.object, in_trash=in_trash)
    found = one.comments.filter(pk=comment.pk).first()
    if found is None:
        raise NotFound
    found.object = one
    return found


def _record(kind: Kind, comment: Comment, actor: Actor, *, before: Circle, after: Circle) -> None:
    record(kind, actor=actor, subject=comment, place=place(comment.object), before=before, after=after)


def _snapshot(comment: Comment) -> dict[str, Any]:
    one = comment.object
    return {
        "owner_id": str(comment.owner_id),
        "object_id": str(one.pk),
        "object_type": one.type,
        "object_owner_id": str(one.owner_id),
        "label": one.description,
    }
