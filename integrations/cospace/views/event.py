"""api/event: the stream of a session, asked for once, waited for, or as server-sent events."""

import re
from dataclasses import replace
from typing import Any

from rest_framework import serializers

from integrations.cospace.authentication import SessionRequest
from integrations.cospace.dialect import CospaceView
from integrations.cospace.live import Wanted, event_stream, long_poll, refuse_too_many
from rest.errors import field_error
from rest.live import EVENT_STREAM

LAST_ID = 2**63 - 2


class EventQuery(serializers.Serializer[Any]):
    id = serializers.IntegerField(min_value=0, max_value=LAST_ID, default=0)
    timeout = serializers.IntegerField(min_value=0, max_value=60, default=0)
    count = serializers.IntegerField(min_value=1, max_value=500, default=100)


class EventView(CospaceView):
    def get(self, request: SessionRequest) -> Any:
        """`id` is the first one wanted. Reading takes nothing away, so several clients can share a session."""
        values = self.query(EventQuery)
        wanted = Wanted(
            session_id=request.auth.pk,
            user_id=request.user.pk,
            first=values["id"],
            count=values["count"],
            seconds=values["timeout"],
        )
        is_stream = EVENT_STREAM in request.headers.get("Accept", "")
        if is_stream or wanted.seconds:
            refuse_too_many(wanted.session_id)
        if is_stream:
            return event_stream(_resumed(wanted, request.headers.get("Last-Event-ID", "")))
        if not wanted.seconds:
            return wanted.look().told()
        return long_poll(wanted)


def _resumed(wanted: Wanted, last: str) -> Wanted:
    """After the last event that the client got before its connection broke."""
    if not last:
        return wanted
    if not re.fullmatch(r"[0-9]{1,18}", last):
        raise field_error("Last-Event-ID", "invalid", "A valid integer is required.")
    return replace(wanted, first=int(last) + 1)
