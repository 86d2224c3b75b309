"""Writes meetings as the contract words them (9.1): plain functions over rows, because lists are the hottest reads."""

from datetime import datetime
from typing import Any

from django.conf import settings

from calendars.recurrence import Occurrence
from calendars.times import instance_id
from events.models import Agenda, Event, EventException, SharedFolder
from invites.models import EmailInvite, EventInvite, InviteCode, Status
from rest.renderers import timestamp
from rooms.models import Room, StreamingTarget
from rooms.sip import call_in_of
from users.models import Tariff
from users.serializers import avatar_url, public_profile

CANCELLED = "cancelled"


def event_resource(entry: Agenda, *, invitees_max: int) -> dict[str, Any]:
    """One event as the owner of this agenda entry sees it. Members without value are left out, never null."""
    event = entry.event
    is_creator = entry.role == Agenda.Role.CREATOR
    invitees, is_truncated = _invitees(event, invitees_max)
    resource = {
        "id": event.pk,
        "created_by": public_profile(event.created_by),
        "created_at": timestamp(event.created_at),
        "updated_by": public_profile(event.updated_by),
        "updated_at": timestamp(event.updated_at),
        "title": event.title,
        "description": event.description,
        "room": room_info(event.room, event.created_by.tariff),
        "invitees_truncated": is_truncated,
        "invitees": invitees,
        "is_time_independent": event.is_time_independent,
        "is_adhoc": event.is_adhoc,
        "type": "recurring" if event.is_recurring else "single",
        "invite_status": entry.invite_status,
        "is_favorite": entry.is_favorite,
        "can_edit": is_creator,
        "show_meeting_details": event.show_meeting_details,
    }
    if event.starts_at is not None and event.ends_at is not None:
        resource |= {
            "is_all_day": bool(event.is_all_day),
            "starts_at": date_time_tz(event.starts_at, event.starts_at_zone),
            "ends_at": date_time_tz(event.ends_at, event.ends_at_zone),
        }
    return resource | _where_set(event, is_creator)


def _where_set(event: Event, is_creator: bool) -> dict[str, Any]:
    """Members that the frontend must not see empty: an empty list of streams blocks its edit form."""
    # Brought by events.access.agenda.
    targets: list[StreamingTarget] = event.room.streams  # type: ignore[attr-defined]
    streams = [streaming_target(target, with_key=is_creator) for target in targets]
    folder: SharedFolder | None = getattr(event, "shared_folder", None)
    members = {
        "recurrence_pattern": event.recurrence_pattern,
        "streaming_targets": streams,
        "shared_folder": shared_folder(folder, with_write=is_creator) if folder and folder.is_ready else None,
        "training_participation_report": event.training_participation_report,
    }
    found = {name: value for name, value in members.items() if value}
    if event.lobby_opens_before_minutes is not None:
        found["lobby_opens_before_minutes"] = event.lobby_opens_before_minutes
    return found


def exception_resource(exception: EventException, *, can_edit: bool) -> dict[str, Any]:
    """What the frontend hides the series' own occurrence by; members that are as the series are left out."""
    event = exception.event
    name = instance_id(exception.original_starts_at)
    resource: dict[str, Any] = {
        "id": f"{event.pk}_{name}",
        "recurring_event_id": event.pk,
        "instance_id": name,
        "created_by": public_profile(exception.created_by),
        "created_at": timestamp(exception.created_at),
        "updated_by": public_profile(exception.updated_by),
        "updated_at": timestamp(exception.updated_at),
        "original_starts_at": date_time_tz(exception.original_starts_at, event.starts_at_zone),
        "type": "exception",
        "status": CANCELLED if exception.kind == EventException.Kind.CANCELLED else "ok",
        "can_edit": can_edit,
    }
    overridden = {
        "title": exception.title,
        "description": exception.description,
        "is_all_day": exception.is_all_day,
        "starts_at": _own_time(exception.starts_at, exception.starts_at_zone or event.starts_at_zone),
        "ends_at": _own_time(exception.ends_at, exception.ends_at_zone or event.ends_at_zone),
    }
    return resource | {name: value for name, value in overridden.items() if value is not None}


def _own_time(instant: datetime | None, zone: str) -> dict[str, str] | None:
    return None if instant is None else date_time_tz(instant, zone)


def instance_resource(entry: Agenda, occurrence: Occurrence, *, invitees_max: int) -> dict[str, Any]:
    """One occurrence as the owner of this agenda entry sees it, what it overrides included."""
    event = entry.event
    changed: EventException | None = occurrence.override.key if occurrence.override else None  # type: ignore[assignment]
    name = instance_id(occurrence.original_starts_at)
    invitees, is_truncated = _invitees(event, invitees_max)
    last_change = changed or event
    resource = {
        "id": f"{event.pk}_{name}",
        "recurring_event_id": event.pk,
        "instance_id": name,
        "created_by": public_profile(event.created_by),
        "created_at": timestamp(event.created_at),
        "updated_by": public_profile(last_change.updated_by),
        "updated_at": timestamp(last_change.updated_at),
        "title": _or_else(changed and changed.title, event.title),
        "description": _or_else(changed and changed.description, event.description),
        "room": room_info(event.room, event.created_by.tariff),
        "invitees_truncated": is_truncated,
        "invitees": invitees,
        "is_all_day": bool(_or_else(changed and changed.is_all_day, event.is_all_day)),
        "starts_at": date_time_tz(occurrence.starts_at, (changed and changed.starts_at_zone) or event.starts_at_zone),
        "ends_at": date_time_tz(occurrence.ends_at, (changed and changed.ends_at_zone) or event.ends_at_zone),
        "type": "instance",
        "status": CANCELLED if occurrence.is_cancelled else "ok",
        "invite_status": entry.invite_status,
        "is_favorite": entry.is_favorite,
        "can_edit": entry.role == Agenda.Role.CREATOR,
    }
    folder: SharedFolder | None = getattr(event, "shared_folder", None)
    if folder and folder.is_ready:
        resource["shared_folder"] = shared_folder(folder, with_write=resource["can_edit"])
    if event.training_participation_report:
        resource["training_participation_report"] = event.training_participation_report
    return resource


def _or_else(value: Any, series_value: Any) -> Any:
    return series_value if value is None else value


def date_time_tz(instant: datetime, zone: str) -> dict[str, str]:
    return {"datetime": timestamp(instant), "timezone": zone}


def room_info(room: Room, tariff: Tariff | None) -> dict[str, Any]:
    """`tariff` is that of the room's owner."""
    info: dict[str, Any] = {
        "id": room.pk,
        "waiting_room": room.waiting_room,
        "e2e_encryption": room.e2e_encryption,
    }
    if room.password:
        info["password"] = room.password
    return info | _call_in(room, tariff)


def _call_in(room: Room, tariff: Tariff | None) -> dict[str, Any]:
    config = call_in_of(room, tariff)
    if config is None:
        return {}
    return {"call_in": {"tel": settings.CALL_IN_TEL, "id": config.sip_id, "password": config.password}}


def event_info(event: Event, code: InviteCode | None) -> dict[str, Any]:
    """What a lobby shows; the ways in and the streams only where the meeting's creator says so (contract 2.4)."""
    info = {
        "id": event.pk,
        "room_id": event.room_id,
        "title": event.title,
        "is_adhoc": event.is_adhoc,
        "e2e_encryption": event.room.e2e_encryption,
    }
    if not event.show_meeting_details:
        return info
    streams = [{"name": target.name, "url": target.public_url} for target in event.room.streaming_targets.all()]
    details = {"invite_code_id": code.pk} if code else {}
    return info | {
        "meeting_details": details | _call_in(event.room, event.created_by.tariff) | {"streaming_links": streams}
    }


def streaming_target(target: StreamingTarget, *, with_key: bool) -> dict[str, Any]:
    resource = {
        "id": target.pk,
        "name": target.name,
        "kind": target.kind,
        "streaming_endpoint": target.streaming_endpoint,
        "public_url": target.public_url,
    }
    return resource | {"streaming_key": target.streaming_key} if with_key else resource


def shared_folder(folder: SharedFolder, *, with_write: bool) -> dict[str, Any]:
    resource = {"read": {"url": folder.read_url, "password": folder.read_password}}
    if with_write and folder.write_url:
        resource["read_write"] = {"url": folder.write_url, "password": folder.write_password}
    return resource


def _invitees(event: Event, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """The first `limit` invitees and whether there are more; events.access.with_invitees brought one more than that."""
    if limit == 0:
        return [], True
    rows = [
        *(user_invitee(row) for row in event.invites.all()),
        *(email_invitee(row) for row in event.email_invites.all()),
    ]
    return rows[:limit], len(rows) > limit


def user_invitee(invite: EventInvite) -> dict[str, Any]:
    profile = {"kind": "registered", **public_profile(invite.invitee), "role": invite.role}
    return {"profile": profile, "status": Status(invite.status)}


def email_invitee(invite: EmailInvite) -> dict[str, Any]:
    """`has_account` is annotated by events.access.email_invites."""
    profile = {"kind": "email", "email": invite.email, "avatar_url": avatar_url(invite.email), "role": invite.role}
    if invite.has_account:  # type: ignore[attr-defined]
        profile |= {"kind": "unregistered", "firstname": invite.first_name, "lastname": invite.last_name}
    return {"profile": profile, "status": Status(invite.status)}
