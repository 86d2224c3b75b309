"""Comments are messages in the room that they are about, or beside all rooms. Of other objects Webex has nothing."""

from activity import object_kinds as kinds
from integrations.webex import ids
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told


def written(one: Told) -> Json:
    """A message as it is now, with its text."""
    return message(one) | {"text": one.data["text"]}


def created(one: Told) -> Json:
    return written(one) | common.created(one)


def message(one: Told) -> Json:
    """`personId` is who wrote it, whoever changed or deleted it."""
    author = one.data["owner_id"]
    said = common.base(one) | common.person(author, common.email(one, author))
    return {"id": ids.written(ids.MESSAGE, one.activity.subject_id)} | said


FORMATS: Formats = {
    kinds.CommentCreated: [Event("messages", "created", created)],
    kinds.CommentUpdated: [Event("messages", "updated", written)],
    kinds.CommentDeleted: [Event("messages", "deleted", message)],
}
NOT_SHOWN: NotShown = frozenset({kind for kind in kinds.OBJECT_KINDS if kind not in FORMATS})
