"""One file per kind of object; this lists them all for Django."""

from integrations.objects.models.chats import Chat, ChatMember, ChatMessage
from integrations.objects.models.comments import Comment
from integrations.objects.models.conferences import ReportedConference, ReportedMember
from integrations.objects.models.contacts import Contact
from integrations.objects.models.contents import Content, FaxReport
from integrations.objects.models.devices import Box, Sensor, SensorAction, SensorSample
from integrations.objects.models.files import VolumeFile
from integrations.objects.models.metadata import ObjectMetadata, UserMetadata
from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.presenting import LivePresentation, PresentationMember
from integrations.objects.models.tags import Grant, Level, Tag
from integrations.objects.models.telephony import Call, Dialplan, Phone, SipAccount, SipRegistration

__all__ = [
    "Box",
    "Call",
    "Chat",
    "ChatMember",
    "ChatMessage",
    "Comment",
    "Contact",
    "Content",
    "Dialplan",
    "FaxReport",
    "Grant",
    "Level",
    "LivePresentation",
    "Object",
    "ObjectMetadata",
    "ObjectTag",
    "Phone",
    "PresentationMember",
    "ReportedConference",
    "ReportedMember",
    "Sensor",
    "SensorAction",
    "SensorSample",
    "SipAccount",
    "SipRegistration",
    "Tag",
    "UserMetadata",
    "VolumeFile",
]
