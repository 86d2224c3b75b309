"""Tags, objects, the trash, comments and metadata: the log's kinds are made after the seed's events."""

from typing import Any

from activity.models import Activity
from integrations.cospace.formats.registry import Events, Reader, actor_of, told, without_empty


@told("tag.created")
def tag_created(activity: Activity, reader: Reader) -> Events:
    return [("tag_new", _tag(activity))]


@told("tag.updated")
def tag_updated(activity: Activity, reader: Reader) -> Events:
    return [("tag_modify", _tag(activity))]


@told("tag.deleted")
def tag_deleted(activity: Activity, reader: Reader) -> Events:
    return [("tag_delete", {"tag": str(activity.subject_id)})]


@told("trash.purged")
def trash_purged(activity: Activity, reader: Reader) -> Events:
    return [("trash_purge", {})]


@told("object.created", "object.restored")
def object_created(activity: Activity, reader: Reader) -> Events:
    """What comes out of the trash is new to those who do not look into it."""
    return [("object_new", _object(activity) | {"tag": activity.data["tags"]})]


@told("object.updated")
def object_updated(activity: Activity, reader: Reader) -> Events:
    return [("object_modify", _object(activity) | _user(activity))]


@told("object.trashed")
def object_trashed(activity: Activity, reader: Reader) -> Events:
    return [("object_delete", _object(activity) | _user(activity))]


@told("object.purged")
def object_purged(activity: Activity, reader: Reader) -> Events:
    return [("object_delete", _object(activity) | _user(activity) | {"purge": True})]


@told("object.shared")
def object_shared(activity: Activity, reader: Reader) -> Events:
    return [("object_share", _object(activity) | _user(activity) | {"tag": activity.data["tags"]})]


@told("object.unshared")
def object_unshared(activity: Activity, reader: Reader) -> Events:
    return [("object_unshare", _object(activity) | _user(activity))]


@told("object.tagged")
def object_tagged(activity: Activity, reader: Reader) -> Events:
    data = activity.data
    tags = {"tag": data["tags"], "tag_add": data["added"], "tag_delete": data["removed"]}
    return [("object_tag", _object(activity) | _user(activity) | tags)]


@told("comment.created", "comment.updated")
def comment_written(activity: Activity, reader: Reader) -> Events:
    name = "comment_new" if activity.kind == "comment.created" else "comment_modify"
    return [(name, _comment(activity) | {"text": activity.data["text"]})]


@told("comment.deleted")
def comment_deleted(activity: Activity, reader: Reader) -> Events:
    return [("comment_delete", _comment(activity))]


@told("user.metadata_changed")
def user_metadata(activity: Activity, reader: Reader) -> Events:
    return [("user_metadata", _changes(activity))]


@told("object.metadata_changed")
def object_metadata(activity: Activity, reader: Reader) -> Events:
    return [("object_metadata", {"object": str(activity.subject_id)} | _user(activity) | _changes(activity))]


def _tag(activity: Activity) -> dict[str, Any]:
    data = activity.data
    tag = {"tag": str(activity.subject_id), "owner": data["owner_id"], "label": data["label"]}
    return tag | {"foreign_use": data["foreign_use"], "policy": data["policy"]}


def _object(activity: Activity) -> dict[str, Any]:
    data = activity.data
    return without_empty(
        object=str(activity.subject_id),
        type=data["object_type"],
        owner=data["owner_id"],
        description=data["label"],
    )


def _user(activity: Activity) -> dict[str, Any]:
    return without_empty(user=actor_of(activity))


def _comment(activity: Activity) -> dict[str, Any]:
    data = activity.data
    about = without_empty(
        object=data["object_id"], type=data["object_type"], owner=data["object_owner_id"], description=data["label"]
    )
    return {"comment": str(activity.subject_id), "owner": data["owner_id"], "object": about}


def _changes(activity: Activity) -> dict[str, Any]:
    return {"update": activity.data["update"], "delete": activity.data["delete"]}
