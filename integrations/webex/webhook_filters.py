"""Filters of webhooks: `roomId=Y2lz…&personEmail=a@example.org`, of which all must be so."""

from typing import Any
from urllib.parse import parse_qsl

from integrations.webex import ids
from integrations.webex.words import ALL, FILTERS, OF_ORG_WEBHOOKS
from rest.errors import field_error

KINDS_OF_ID = {"roomId": ids.ROOM, "personId": ids.PERSON, "hostUserId": ids.PERSON}
WORDS = {
    "isModerator": ("true", "false"),
    "isLocked": ("true", "false"),
    "hasFiles": ("true", "false"),
    "roomType": ("direct", "group"),
    "type": ("direct", "group"),
}


def check(text: str, *, resource: str, is_of_org: bool) -> None:
    """Raises a field error that names what is wrong."""
    if not text:
        return
    known = FILTERS.get(resource, ())
    if not known:
        whose = "every resource" if resource == ALL else resource
        raise field_error("filter", "invalid_value", f"Webhooks of {whose} have no filter")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=len(known))
    except ValueError:
        raise field_error(
            "filter", "invalid_value", "A filter is written roomId=…&personId=…, each name once"
        ) from None
    if len(dict(pairs)) < len(pairs):
        raise field_error("filter", "invalid_value", "A filter names each member once")
    for name, value in pairs:
        if name not in known:
            raise field_error(
                "filter", "invalid_value", f"{name[:50]} is no filter here: {resource} has {', '.join(known)}"
            )
        if name in OF_ORG_WEBHOOKS and not is_of_org:
            raise field_error("filter", "invalid_value", f"{name} needs ownedBy=org")
        if not _is_usable(name, value):
            raise field_error("filter", "invalid_value", f"{name} has no usable value")


def matches(text: str, data: dict[str, Any]) -> bool:
    """Whether the filter lets through what happened with such data."""
    return all(_said(name, value, data) for name, value in parse_qsl(text, keep_blank_values=True))


def _is_usable(name: str, value: str) -> bool:
    if name in KINDS_OF_ID:
        return ids.read(value, KINDS_OF_ID[name]) is not None
    return value in WORDS[name] if name in WORDS else bool(value.strip())


def _said(name: str, value: str, data: dict[str, Any]) -> bool:
    there = _value_of(name, data)
    if name in KINDS_OF_ID:
        return there != "" and ids.read(there, KINDS_OF_ID[name]) == ids.read(value, KINDS_OF_ID[name])
    return there.casefold() == value.casefold()


def _value_of(name: str, data: dict[str, Any]) -> str:
    """No room here is locked as Webex means it, and no message has files. "" is what nobody knows."""
    match name:
        case "isLocked" | "hasFiles":
            return "false"
        case "isModerator":
            return str(data.get("isModerator", "")).lower()
        case "hostEmail" | "hostUserId":
            return str((data.get("host") or {}).get("email" if name == "hostEmail" else "id", ""))
    return str(data.get(name, ""))
