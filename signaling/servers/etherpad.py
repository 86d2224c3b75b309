"""Etherpad's HTTP API 1, https://etherpad.org/doc/latest/index.html#_http_api, and its plugin ep_auth_session, which
takes a session from an address.
"""

import logging
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from outgoing import http
from outgoing.http import Answer, OutgoingError

logger = logging.getLogger(__name__)
PAD = "notes"  # the one pad of a group
MAX_PDF_BYTES = 100_000_000
OK, WRONG_PARAMETERS = 0, 1


class EtherpadError(Exception):
    """Etherpad is down, slow, refuses our key or fails."""


def open_pad(mapper: str) -> tuple[str, str, str]:
    """The ids of a group, of its pad, and of the pad for who only reads it; those that are there already are taken."""
    group = _text("createGroupIfNotExistsFor", "groupID", groupMapper=mapper)
    pad = f"{group}${PAD}"
    _call("createGroupPad", True, groupID=group, padName=PAD, text="\n")
    return group, pad, _text("getReadOnlyID", "readOnlyID", padID=pad)


def create_session(group: str, *, mapper: str, name: str, until: datetime) -> str:
    author = _text("createAuthorIfNotExistsFor", "authorID", authorMapper=mapper, name=name)
    seconds = str(int(until.timestamp()))
    return _text("createSession", "sessionID", groupID=group, authorID=author, validUntil=seconds)


def address(session: str, pad: str) -> str:
    return f"{settings.ETHERPAD_URL}/auth_session?{urlencode({'sessionID': session, 'padName': pad})}"


def delete_session(session: str) -> None:
    _call("deleteSession", True, sessionID=session)


def delete_group(group: str) -> None:
    """With its pad and sessions."""
    _call("deleteGroup", True, groupID=group)


def pdf(pad: str, session: str) -> bytes:
    path = f"/p/{quote(pad, safe='')}/export/pdf"
    answer = _request("GET", path, headers={"Cookie": f"sessionID={quote(session, safe='')}"})
    if not answer.is_success or not answer.body.startswith(b"%PDF"):
        raise _failure("export", f"status {answer.status}, no PDF")
    return answer.body


def _text(function: str, member: str, **arguments: str) -> str:
    value = _call(function, **arguments).get(member)
    if not isinstance(value, str) or not value:
        raise _failure(function, f"the answer lacks {member}")
    return value


def _call(function: str, may_exist: bool = False, /, **arguments: str) -> dict[str, Any]:
    """`may_exist`: what is to be made may be there, and what is to be deleted gone; Etherpad says the same of both.

    The key is in the body, because servers log addresses.
    """
    try:
        answer = _request("POST", f"/api/1/{function}", form={"apikey": settings.ETHERPAD_API_KEY, **arguments})
        said = answer.json()
        code, data = said["code"], said.get("data") or {}
    except (OutgoingError, KeyError, TypeError, AttributeError) as error:
        raise _failure(function, str(error)) from None
    if code != OK and not (may_exist and code == WRONG_PARAMETERS):
        raise _failure(function, f"{code} {said.get('message')}")
    return data if isinstance(data, dict) else {}


def _request(method: str, path: str, **how: Any) -> Answer:
    try:
        return http.request(
            method,
            f"{settings.ETHERPAD_URL}{path}",
            deadline_seconds=settings.ETHERPAD_TIMEOUT_SECONDS,
            max_bytes=MAX_PDF_BYTES,
            is_trusted=True,
            **how,
        )
    except OutgoingError as error:
        raise _failure(method, str(error)) from None


def _failure(what: str, why: str) -> EtherpadError:
    logger.warning("Etherpad's %s failed: %s", what, why)
    return EtherpadError(why)
