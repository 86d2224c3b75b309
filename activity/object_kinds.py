"""Kinds of activity of shared objects: tags, comments, metadata, trash. The catalogue, kinds.py, says what all share.

`label` is the object's description or the tag's label; ids are text.
"""

from dataclasses import dataclass
from typing import Any

from activity.audiences import (
    owner_alone,
    who_gains_it,
    who_loses_it,
    who_read_it,
    who_reads_it_now,
    who_reads_or_read_it,
    who_still_reads_it,
)
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class _TagSnapshot(Kind):
    """`policy` is `{id of a person: level}` with the owner's 4; 0 is who has just lost access."""

    label: str
    owner_id: str
    foreign_use: bool
    policy: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class TagCreated(_TagSnapshot):
    name = "tag.created"
    audience = who_reads_it_now


@dataclass(frozen=True, kw_only=True)
class TagUpdated(_TagSnapshot):
    name = "tag.updated"
    audience = who_reads_or_read_it


@dataclass(frozen=True, kw_only=True)
class TagDeleted(Kind):
    """It is off all objects; object.unshared tells who no longer reads one of them."""

    name = "tag.deleted"
    audience = who_read_it
    label: str


@dataclass(frozen=True, kw_only=True)
class _ObjectSnapshot(Kind):
    object_type: str
    label: str
    owner_id: str


@dataclass(frozen=True, kw_only=True)
class ObjectCreated(_ObjectSnapshot):
    name = "object.created"
    audience = who_reads_it_now
    tags: list[str]


@dataclass(frozen=True, kw_only=True)
class ObjectUpdated(_ObjectSnapshot):
    """Its own fields. Tags, comments and metadata have kinds of their own."""

    name = "object.updated"
    audience = who_still_reads_it


@dataclass(frozen=True, kw_only=True)
class ObjectTrashed(_ObjectSnapshot):
    """It lies in the trash, where only the owner finds it."""

    name = "object.trashed"
    audience = who_read_it


@dataclass(frozen=True, kw_only=True)
class ObjectRestored(_ObjectSnapshot):
    """It is out of the trash, with the tags that it had."""

    name = "object.restored"
    audience = who_reads_it_now
    tags: list[str]


@dataclass(frozen=True, kw_only=True)
class ObjectPurged(_ObjectSnapshot):
    """It is gone for good; only of what was in the trash can nobody but the owner be told."""

    name = "object.purged"
    audience = who_read_it


@dataclass(frozen=True, kw_only=True)
class ObjectShared(_ObjectSnapshot):
    """For the people who can read it from now on."""

    name = "object.shared"
    audience = who_gains_it
    tags: list[str]


@dataclass(frozen=True, kw_only=True)
class ObjectUnshared(_ObjectSnapshot):
    """For the people who could read it until now."""

    name = "object.unshared"
    audience = who_loses_it


@dataclass(frozen=True, kw_only=True)
class ObjectTagged(_ObjectSnapshot):
    """Recorded for those of its people who have access to one of the tags added or removed."""

    name = "object.tagged"
    audience = who_still_reads_it
    tags: list[str]
    added: list[str]
    removed: list[str]


@dataclass(frozen=True, kw_only=True)
class ObjectMetadataChanged(_ObjectSnapshot):
    name = "object.metadata_changed"
    audience = who_still_reads_it
    update: dict[str, Any]
    delete: list[str]


@dataclass(frozen=True, kw_only=True)
class UserMetadataChanged(Kind):
    name = "user.metadata_changed"
    audience = owner_alone
    update: dict[str, Any]
    delete: list[str]


@dataclass(frozen=True, kw_only=True)
class _CommentSnapshot(Kind):
    """`owner_id` wrote it; `label` and the members that begin with `object` are the object's."""

    owner_id: str
    object_id: str
    object_type: str
    object_owner_id: str
    label: str


@dataclass(frozen=True, kw_only=True)
class CommentCreated(_CommentSnapshot):
    name = "comment.created"
    audience = who_reads_it_now
    text: str


@dataclass(frozen=True, kw_only=True)
class CommentUpdated(_CommentSnapshot):
    name = "comment.updated"
    audience = who_still_reads_it
    text: str


@dataclass(frozen=True, kw_only=True)
class CommentDeleted(_CommentSnapshot):
    name = "comment.deleted"
    audience = who_read_it


@dataclass(frozen=True, kw_only=True)
class TrashPurged(Kind):
    """A person emptied the own trash: all `count` objects that were in it are gone for good."""

    name = "trash.purged"
    audience = owner_alone
    count: int


OBJECT_KINDS: tuple[type[Kind], ...] = (
    TagCreated, TagUpdated, TagDeleted,
    ObjectCreated, ObjectUpdated, ObjectTrashed, ObjectRestored, ObjectPurged,
    ObjectShared, ObjectUnshared, ObjectTagged, ObjectMetadataChanged, UserMetadataChanged,
    CommentCreated, CommentUpdated, CommentDeleted, TrashPurged,
)  # fmt: skip
