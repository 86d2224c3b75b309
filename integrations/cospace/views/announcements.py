"""api/announcement"""

from integrations.cospace.views.typed import ContentView, TypedListView, TypedView
from integrations.objects.models.objects import Object

ANNOUNCEMENT = Object.Type.ANNOUNCEMENT.value


class AnnouncementsView(TypedListView):
    of_type = ANNOUNCEMENT


class AnnouncementView(TypedView):
    of_type = ANNOUNCEMENT


class AnnouncementContentView(ContentView):
    of_type = ANNOUNCEMENT
