"""Use cases of what programs keep for a person or an object, under keys in reverse domain notation."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.log import record
from activity.object_kinds import ObjectMetadataChanged, UserMetadataChanged
from integrations.objects.access import circle, place
from integrations.objects.models.metadata import LONGEST_KEY, ObjectMetadata, UserMetadata
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked
from integrations.objects.services.sharing import snapshot
from rest.errors import field_error
from users.models import User

MOST_KEYS = 100  # for one person, and for one object
LARGEST_VALUE = 4096  # bytes of JSON
DEEPEST_VALUE = 10
_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:\.[A-Za-z0-9_-]+)+")
_HALF = re.compile("[\ud800-\udfff]")
_MISSING = object()


@transaction.atomic
def change_user_metadata(
    *, user: User, actor: Actor, update: Mapping[str, Any], delete: Collection[str] = ()
) -> dict[str, Any]:
    """Returns all that is kept now. Raises ValidationFailed."""
    check(update, delete)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    rows = UserMetadata.objects.filter(user=user)
    changed, gone = _difference(rows, update, delete)
    rows.filter(key__in=gone).delete()
    UserMetadata.objects.bulk_create(
        [UserMetadata(user=user, key=key, value=value) for key, value in changed.items()],
        update_conflicts=True,
        unique_fields=["user", "key"],
        update_fields=["value"],
    )
    kept = _kept(rows)
    if changed or gone:
        own, where = Circle(owner=user.pk), Place(tenant_id=user.tenant_id)
        kind = UserMetadataChanged(update=changed, delete=gone)
        record(kind, actor=actor, subject=user, place=where, before=own, after=own)
    return kept


@transaction.atomic
def change_object_metadata(
    *, one: Object, actor: Actor, update: Mapping[str, Any], delete: Collection[str] = ()
) -> dict[str, Any]:
    """Returns all that is kept now. Raises ValidationFailed, and NotFound where the object is gone."""
    check(update, delete)
    one = locked(one)
    rows = ObjectMetadata.objects.filter(object=one)
    changed, gone = _difference(rows, update, delete)
    rows.filter(key__in=gone).delete()
    ObjectMetadata.objects.bulk_create(
        [ObjectMetadata(object=one, key=key, value=value) for key, value in changed.items()],
        update_conflicts=True,
        unique_fields=["object", "key"],
        update_fields=["value"],
    )
    kept = _kept(rows)
    if changed or gone:
        people = circle(one)
        kind = ObjectMetadataChanged(**snapshot(one), update=changed, delete=gone)
        record(kind, actor=actor, subject=one, place=place(one), before=people, after=people)
    return kept


def check(update: Mapping[str, Any], delete: Collection[str]) -> None:
    """Raises ValidationFailed for keys that belong to no domain, and for values that are too large."""
    if len(update) + len(delete) > MOST_KEYS:
        raise field_error("update", "max_length", f"At most {MOST_KEYS} keys can be changed at once")
    for key in delete:
        _check_key("delete", key)
    for key, value in update.items():
        _check_key("update", key)
        _check_value(key, value)


def _check_key(field: str, key: str) -> None:
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        message = f"A key is at most {LONGEST_KEY} characters in reverse domain notation, such as com.example.colour"
        raise field_error(field, "invalid", message)


def _check_value(key: str, value: Any) -> None:
    if value is None:
        raise field_error(f"update.{key}", "null", "A key without a value is deleted")
    if _is_deep(value):
        raise field_error(f"update.{key}", "max_length", f"A value nests at most {DEEPEST_VALUE} levels")
    # PostgreSQL takes no NUL, and nobody can write half a character.
    if any("\0" in text or _HALF.search(text) for text in _texts(value)):
        raise field_error(f"update.{key}", "invalid", "A text has a character that cannot be stored")
    if len(json.dumps(value, ensure_ascii=False).encode()) > LARGEST_VALUE:
        raise field_error(f"update.{key}", "max_length", f"A value has at most {LARGEST_VALUE} bytes")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _step in range(DEEPEST_VALUE):
        level = [item for part in level if isinstance(part, dict | list) for item in _items(part)]
    return bool(level)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        yield from value if isinstance(value, dict) else ()
        for item in _items(value):
            yield from _texts(item)


def _items(part: dict[str, Any] | list[Any]) -> Collection[Any]:
    return part.values() if isinstance(part, dict) else part


def _difference(
    rows: "QuerySet[Any]", update: Mapping[str, Any], delete: Collection[str]
) -> tuple[dict[str, Any], list[str]]:
    """What becomes another value, and which keys go; the row that guards these is held."""
    old = _kept(rows)
    changed = {key: value for key, value in update.items() if not _is_same(old.get(key, _MISSING), value)}
    gone = [key for key in dict.fromkeys(delete) if key in old and key not in update]
    if len(old.keys() | changed.keys()) - len(gone) > MOST_KEYS:
        raise field_error("update", "max_length", f"At most {MOST_KEYS} keys are kept")
    return changed, gone


def _is_same(old: Any, new: Any) -> bool:
    """As JSON: true is not 1."""
    return old is not _MISSING and json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _kept(rows: "QuerySet[Any]") -> dict[str, Any]:
    return dict(rows.order_by("key").values_list("key", "value"))
