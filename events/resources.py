"""Builds the responses about meetings (contract 9.1) with plain functions over rows, because lists are read most
often.
"""

from datetime import datetime
from typing import Any

from django.conf import settings

from calendars.details import Details, over
from calendars.recurrence import Occurrence
from calendars.times import instance_id
from events.models import Event, EventException, SharedFolder
from events.rows import AgendaRow, CallInColumns, ExceptionRow, FolderColumns, Stream
from invites.models import EmailInvite, EventInvite, InviteCode, Reply, Status
from rest.renderers import timestamp
from rooms.models import SipConfig, StreamingTarget
from rooms.sip import call_in_of, has_call_in
from users.avatars import avatar_url
from users.serializers import public_profile

CANCELLED = "cancelled"


def event_resource(row: AgendaRow, *, invitees_max: int) -> dict[str, Any]:
    """One event as the owner of this agenda entry sees it. Members without value are left out, never null."""
    event = row.event
    invitees, is_truncated = _invitees(row, invitees_max)
    resource = {
        "id": row.event_id,
        "created_by": public_profile(row.created_by),
        "created_at": timestamp(row.entry.created_at),
        "updated_by": public_profile(row.updated_by),
        "updated_at": timestamp(event.updated_at),
        "title": event.title,
        "description": event.description,
        "room": _room_info(row),
        "invitees_truncated": is_truncated,
        "invitees": invitees,
        "is_time_independent": event.is_time_independent,
        "is_adhoc": event.is_adhoc,
        "type": "recurring" if event.recurrence_pattern else "single",
        "invite_status": row.entry.invite_status,
        "is_favorite": row.entry.is_favorite,
        "can_edit": row.is_creators,
        "show_meeting_details": event.show_meeting_details,
    }
    if event.starts_at is not None and event.ends_at is not None:
        resource |= {
            "is_all_day": bool(event.is_all_day),
            "starts_at": date_time_tz(event.starts_at, event.starts_at_zone),
            "ends_at": date_time_tz(event.ends_at, event.ends_at_zone),
        }
    return resource | _where_set(row)


def _where_set(row: AgendaRow) -> dict[str, Any]:
    """Members that the frontend must not see empty: an empty list of streams blocks its edit form."""
    event = row.event
    members = {
        "recurrence_pattern": event.recurrence_pattern,
        "streaming_targets": [streaming_target(stream, with_key=row.is_creators) for stream in row.streams],
        "shared_folder": _shared_folder_of(row),
        "training_participation_report": event.training_participation_report,
    }
    found = {name: value for name, value in members.items() if value}
    if event.lobby_opens_before_minutes is not None:
        found["lobby_opens_before_minutes"] = event.lobby_opens_before_minutes
    return found


def exception_resource(row: AgendaRow, changed: ExceptionRow) -> dict[str, Any]:
    """What the frontend hides the series' own occurrence by; members that are as the series are left out."""
    event, exception = row.event, changed.columns
    name = instance_id(exception.original_starts_at)
    resource: dict[str, Any] = {
        "id": f"{row.event_id}_{name}",
        "recurring_event_id": row.event_id,
        "instance_id": name,
        "created_by": public_profile(changed.created_by),
        "created_at": timestamp(exception.created_at),
        "updated_by": public_profile(changed.updated_by),
        "updated_at": timestamp(exception.updated_at),
        "original_starts_at": date_time_tz(exception.original_starts_at, event.starts_at_zone),
        "type": "exception",
        "status": CANCELLED if exception.kind == EventException.Kind.CANCELLED else "ok",
        "can_edit": row.is_creators,
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


def instance_resource(row: AgendaRow, occurrence: Occurrence, *, invitees_max: int) -> dict[str, Any]:
    """One occurrence as the owner of this agenda entry sees it, what it overrides included."""
    event = row.event
    exception: ExceptionRow | None = occurrence.override.key if occurrence.override else None  # type: ignore[assignment]
    changed = exception.columns if exception else None
    details = over(Details(event.title, event.description, bool(event.is_all_day)), changed)
    name = instance_id(occurrence.original_starts_at)
    invitees, is_truncated = _invitees(row, invitees_max)
    resource = {
        "id": f"{row.event_id}_{name}",
        "recurring_event_id": row.event_id,
        "instance_id": name,
        "created_by": public_profile(row.created_by),
        "created_at": timestamp(row.entry.created_at),
        "updated_by": public_profile((exception or row).updated_by),
        "updated_at": timestamp((changed or event).updated_at),
        "title": details.title,
        "description": details.description,
        "room": _room_info(row),
        "invitees_truncated": is_truncated,
        "invitees": _answered(row, invitees, occurrence),
        "is_all_day": details.is_all_day,
        "starts_at": date_time_tz(occurrence.starts_at, (changed and changed.starts_at_zone) or event.starts_at_zone),
        "ends_at": date_time_tz(occurrence.ends_at, (changed and changed.ends_at_zone) or event.ends_at_zone),
        "type": "instance",
        "status": CANCELLED if occurrence.is_cancelled else "ok",
        "invite_status": row.own_answers.get(occurrence.original_starts_at, row.entry.invite_status),
        "is_favorite": row.entry.is_favorite,
        "can_edit": row.is_creators,
    }
    if folder := _shared_folder_of(row):
        resource["shared_folder"] = folder
    if event.training_participation_report:
        resource["training_participation_report"] = event.training_participation_report
    return resource


def _answered(row: AgendaRow, invitees: list[dict[str, Any]], occurrence: Occurrence) -> list[dict[str, Any]]:
    """The invitees with what they answered to this occurrence."""
    if not row.answers:
        return invitees
    keys = (one.invitee_id if isinstance(one, EventInvite) else one.pk for one in row.invitees)
    name = occurrence.original_starts_at
    own = (row.answers.get(key, {}).get(name) for key in keys)
    return [one | {"status": status} if status else one for one, status in zip(invitees, own, strict=False)]


def date_time_tz(instant: datetime, zone: str) -> dict[str, str]:
    return {"datetime": timestamp(instant), "timezone": zone}


def _room_info(row: AgendaRow) -> dict[str, Any]:
    room = row.room
    info: dict[str, Any] = {
        "id": room.id,
        "waiting_room": room.waiting_room,
        "e2e_encryption": room.e2e_encryption,
    }
    if room.password:
        info["password"] = room.password
    return info | _call_in(row.call_in if has_call_in(row.tariff, is_encrypted=room.e2e_encryption) else None)


def _call_in(config: SipConfig | CallInColumns | None) -> dict[str, Any]:
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
    details = {"invite_code_id": code.code} if code else {}
    return info | {
        "meeting_details": details
        | _call_in(call_in_of(event.room, event.created_by.tariff))
        | {"streaming_links": streams}
    }


def streaming_target(target: StreamingTarget | Stream, *, with_key: bool) -> dict[str, Any]:
    resource = {
        "id": target.id,
        "name": target.name,
        "kind": target.kind,
        "streaming_endpoint": target.streaming_endpoint,
        "public_url": target.public_url,
    }
    return resource | {"streaming_key": target.streaming_key} if with_key else resource


def _shared_folder_of(row: AgendaRow) -> dict[str, Any] | None:
    """None also where the file service has not answered yet."""
    folder = row.folder
    return shared_folder(folder, with_write=row.is_creators) if folder and folder.read_url else None


def shared_folder(folder: SharedFolder | FolderColumns, *, with_write: bool) -> dict[str, Any]:
    resource = {"read": {"url": folder.read_url, "password": folder.read_password}}
    if with_write and folder.write_url:
        resource["read_write"] = {"url": folder.write_url, "password": folder.write_password}
    return resource


def _invitees(row: AgendaRow, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """The first `limit` invitees and whether there are more; events.access.with_invitees brought one more than that."""
    if limit == 0:
        return [], True
    shown = row.invitees[:limit]
    found = [user_invitee(one) if isinstance(one, EventInvite) else email_invitee(one) for one in shown]
    return found, len(row.invitees) > limit


def proposal_resource(reply: Reply) -> dict[str, Any]:
    """A Reply with a proposal; reads its invitation and the account."""
    zone, invite = reply.proposed_zone, reply.event_invite
    resource = {
        "id": reply.pk,
        "email": reply.address,
        "invited_email": reply.invited_address,
        "status": Status(reply.status),
        "comment": reply.comment,
        "starts_at": _own_time(reply.proposed_starts_at, zone),
        "ends_at": _own_time(reply.proposed_ends_at, zone),
        "state": Reply.ProposalState(reply.proposal_state),
        "received_at": timestamp(reply.received_at),
    }
    if invite is not None and reply.is_by_invitee:
        resource["display_name"] = invite.invitee.display_name
    if reply.occurrence is not None:
        resource["instance_id"] = instance_id(reply.occurrence)
    return resource


def user_invitee(invite: EventInvite) -> dict[str, Any]:
    profile = {"kind": "registered", **public_profile(invite.invitee), "role": invite.role}
    return {"profile": profile, "status": Status(invite.status)}


def email_invitee(invite: EmailInvite) -> dict[str, Any]:
    """`has_account` comes from events.access.recognized."""
    profile = {"kind": "email", "email": invite.email, "avatar_url": avatar_url(invite.email), "role": invite.role}
    if invite.has_account:  # type: ignore[attr-defined]
        profile |= {"kind": "unregistered", "firstname": invite.first_name, "lastname": invite.last_name}
    return {"profile": profile, "status": Status(invite.status)}
