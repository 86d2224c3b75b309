"""What is said in live meetings."""

from activity.meeting_kinds import ChatHistoryCleared, ChatMessageSent
from integrations.webex import ids, lookups
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told


def message(one: Told) -> Json:
    """With its text where the site keeps chats (CHAT_DAYS), and for as long."""
    message_id = one.data["message_id"]
    text = one.facts.of(lookups.texts).get(message_id)
    told = _said(one) | {"id": ids.written(ids.MESSAGE, message_id)} | common.created(one)
    return told | ({"text": text} if text is not None else {})


def cleared(one: Told) -> Json:
    """Of all messages to everybody there: none is named."""
    return _said(one)


def _said(one: Told) -> Json:
    activity, data = one.activity, one.data
    held_in = activity.event_id or activity.room_id
    told = common.base(one) | common.actor(one)
    told |= {"meetingId": common.meeting_id(held_in, common.session(one))} if held_in else {}
    return told | ({"breakoutSessionId": data["breakout_room"]} if data["breakout_room"] else {})


FORMATS: Formats = {
    ChatMessageSent: [Event("meetingMessages", "created", message)],
    ChatHistoryCleared: [Event("meetingMessages", "deleted", cleared)],
}
NOT_SHOWN: NotShown = frozenset()
