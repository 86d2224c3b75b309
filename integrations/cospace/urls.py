"""The calls of cospace, below /api."""

from django.urls import path

from integrations.cospace import device_urls
from integrations.cospace.dialect import UnknownCallView
from integrations.cospace.views import announcements, faxes, presentations, volumes
from integrations.cospace.views.comments import CommentsView, CommentView
from integrations.cospace.views.conference import ConferenceEventView, ConferencesView, ConferenceView
from integrations.cospace.views.contacts import ContactsView, ContactView
from integrations.cospace.views.event import EventView
from integrations.cospace.views.metadata import ObjectMetadataView, UserMetadataView
from integrations.cospace.views.objects import ObjectTagsView, ObjectView, ShareView, UnshareView
from integrations.cospace.views.session import SessionView
from integrations.cospace.views.tags import TaggedObjectsView, TagsView, TagView
from integrations.cospace.views.trash import TrashedObjectView, TrashView
from integrations.cospace.views.user import InvitationsView, UserView

urlpatterns = [
    path("conference", ConferencesView.as_view()),
    path("conference/<uuid:conference_id>", ConferenceView.as_view()),
    path("conference/<uuid:conference_id>/event", ConferenceEventView.as_view()),
    path("event", EventView.as_view()),
    path("session", SessionView.as_view()),
    path("announcement", announcements.AnnouncementsView.as_view()),
    path("announcement/<uuid:object_id>", announcements.AnnouncementView.as_view()),
    path("announcement/<uuid:object_id>/content", announcements.AnnouncementContentView.as_view()),
    path("fax", faxes.FaxesView.as_view()),
    path("fax/<uuid:object_id>", faxes.FaxView.as_view()),
    path("fax/<uuid:object_id>/content", faxes.FaxContentView.as_view()),
    path("presentation", presentations.PresentationsView.as_view()),
    path("presentation/<uuid:object_id>", presentations.PresentationView.as_view()),
    path("presentation/<uuid:object_id>/content", presentations.PresentationContentView.as_view()),
    path("presentation/<uuid:object_id>/control", presentations.ControlView.as_view()),
    path("presentation/<uuid:object_id>/event", presentations.PresentationEventView.as_view()),
    path("presentation/<uuid:object_id>/page", presentations.PageView.as_view()),
    path("volume", volumes.VolumesView.as_view()),
    path("volume/<uuid:object_id>", volumes.VolumeView.as_view()),
    path("volume/<uuid:object_id>/file", volumes.FilesView.as_view()),
    path("volume/<uuid:object_id>/file/<uuid:file_id>", volumes.FileView.as_view()),
    path("volume/<uuid:object_id>/file/<uuid:file_id>/content", volumes.FileContentView.as_view()),
    path("user", UserView.as_view()),
    path("user/invitation", InvitationsView.as_view()),
    *device_urls.urlpatterns,
    path("tag", TagsView.as_view()),
    path("tag/<uuid:tag_id>", TagView.as_view()),
    path("tag/<uuid:tag_id>/object", TaggedObjectsView.as_view()),
    path("object/<uuid:object_id>", ObjectView.as_view()),
    path("object/<uuid:object_id>/tag", ObjectTagsView.as_view()),
    path("object/<uuid:object_id>/share", ShareView.as_view()),
    path("object/<uuid:object_id>/unshare", UnshareView.as_view()),
    path("object/<uuid:object_id>/comment", CommentsView.as_view()),
    path("object/<uuid:object_id>/comment/<uuid:comment_id>", CommentView.as_view()),
    path("object/<uuid:object_id>/metadata", ObjectMetadataView.as_view()),
    path("user/metadata", UserMetadataView.as_view()),
    path("trash", TrashView.as_view()),
    path("trash/<uuid:object_id>", TrashedObjectView.as_view()),
    path("contact", ContactsView.as_view()),
    path("contact/<uuid:object_id>", ContactView.as_view()),
    path("<path:unknown>", UnknownCallView.as_view()),  # the last one
]
