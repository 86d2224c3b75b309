"""Devices, telephone settings, and chats outside of rooms: the seed's thirteen resources have none of them."""

from activity.device_kinds import DEVICE_KINDS
from integrations.webex.formats.table import Formats, NotShown

FORMATS: Formats = {}
NOT_SHOWN: NotShown = frozenset(DEVICE_KINDS)
