"""What the activities of a page are about, as far as it still exists and the reader may see it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import AutoField, Field, Model, UUIDField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activity.history.fields import column_of, model_of
from activity.history.values import Clock
from activity.models import Activity
from staff.tenancy import visible

PEOPLE = (Activity.ActorKind.USER, Activity.ActorKind.STAFF)
MOST_NUMBERS = 2**63
Named = tuple[type[Model], Any]  # a model, and a key of it


class Objects:
    """Read by one statement for each model, however many activities there are."""

    def __init__(self, activities: Iterable[Activity], request: HttpRequest) -> None:
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        for model, key in (named for activity in activities for named in _named_by(activity)):
            wanted[model].add(key)
        self._found = {model: _read(model, keys, request) for model, keys in wanted.items()}

    def subject(self, activity: Activity) -> Model | None:
        return self._get(subject_of(activity))

    def meeting(self, activity: Activity) -> Model | None:
        return self._get(_by_id("event", activity.event_id))

    def room(self, activity: Activity) -> Model | None:
        return self._get(_by_id("room", activity.room_id))

    def actor(self, activity: Activity) -> Model | None:
        return self._get(_actor_of(activity))

    def clock(self, activity: Activity) -> Clock:
        """Of the meeting today, which activities of its invitations do not say."""
        meeting = self.meeting(activity)
        zone, is_all_day = getattr(meeting, "starts_at_zone", ""), getattr(meeting, "is_all_day", False)
        return Clock(zone=zone or "UTC", is_all_day=bool(is_all_day))

    def called(self, key: uuid.UUID | None) -> str:
        """`Alice Adams (user)`; "" where nothing of this page has the id."""
        rows = (rows[key] for rows in self._found.values() if key in rows)
        return next((f"{name_of(row)} ({row._meta.verbose_name})" for row in rows), "")

    def related(self, activity: Activity, name: str, value: Any) -> str | None:
        """What the key of another row stands for; None where it is none, or the row is out of sight."""
        column = column_of(model_of(activity.subject_type), name)
        row = self._get(_key_in(column, value))
        return name_of(row) if row is not None else None

    def _get(self, named: Named | None) -> Model | None:
        return self._found[named[0]].get(named[1]) if named else None


def link_to(row: Model | None, text: str) -> SafeString:
    """The text, linked to the row's page where there is one."""
    page = _admin_of(type(row)).page_of(row) if row is not None else ""
    return format_html('<a href="{}">{}</a>', page, text) if page else format_html("{}", text)


def name_of(row: Model) -> str:
    return str(_admin_of(type(row)).called(row))


def subject_of(activity: Activity) -> Named | None:
    model = model_of(activity.subject_type)
    if model not in admin.site._registry:
        return None
    key, found = _main_column(model._meta.pk), activity.subject_id
    if isinstance(key, UUIDField):
        return model, found
    # Keys that are texts stand in the log by their hash alone.
    return (model, found.int) if isinstance(key, AutoField) and found.int < MOST_NUMBERS else None


def _main_column(key: Any) -> "Field[Any, Any]":
    """Of a key that is another table's, that one's."""
    while key.remote_field:
        key = key.target_field
    return key  # type: ignore[no-any-return]


def _named_by(activity: Activity) -> Iterator[Named]:
    at = (_by_id("event", activity.event_id), _by_id("room", activity.room_id))
    yield from filter(None, (subject_of(activity), *at, _actor_of(activity)))
    model = model_of(activity.subject_type)
    for name, values in activity.changes.items():
        yield from filter(None, (_key_in(column_of(model, name), value) for value in values))


def _by_id(model_name: str, key: uuid.UUID | None) -> Named | None:
    model = model_of(model_name)
    return (model, key) if key and model in admin.site._registry else None


def _actor_of(activity: Activity) -> Named | None:
    return (get_user_model(), activity.actor_id) if activity.actor_kind in PEOPLE and activity.actor_id else None


def _key_in(column: "Field[Any, Any] | None", value: Any) -> Named | None:
    """Services keep another row's key, or its name."""
    if column is None or not column.is_relation or column.related_model not in admin.site._registry:
        return None
    try:
        is_uuid = isinstance(_main_column(column.related_model._meta.pk), UUIDField)
        return column.related_model, uuid.UUID(value) if is_uuid else int(value)
    except (TypeError, ValueError, AttributeError):
        return None


def _read(model: type[Model], keys: set[Any], request: HttpRequest) -> dict[Any, Model]:
    rows = _admin_of(model)
    if not rows.has_view_permission(request):
        return {}
    found = visible(request.user, model._default_manager.filter(pk__in=keys), rows.tenant_path)
    return {row.pk: row for row in found.prefetch_related(*rows.called_with)}


@cache
def _admin_of(model: type[Model]) -> Any:
    return admin.site._registry[model]
