"""One file per kind of object; this lists them all for Django."""

from integrations.objects.models.conferences import ReportedConference, ReportedMember
from integrations.objects.models.contents import Content, FaxReport
from integrations.objects.models.files import VolumeFile
from integrations.objects.models.objects import Object, ObjectTag
from integrations.objects.models.presenting import LivePresentation, PresentationMember
from integrations.objects.models.tags import Grant, Tag

__all__ = [
    "Content",
    "FaxReport",
    "Grant",
    "LivePresentation",
    "Object",
    "ObjectTag",
    "PresentationMember",
    "ReportedConference",
    "ReportedMember",
    "Tag",
    "VolumeFile",
]
