"""api/user: the person who signed in, and the invitations between people with accounts."""

from typing import Any

from django.db.models import Q

from integrations.cospace.authentication import SessionRequest
from integrations.cospace.dialect import CospaceView, Json, seconds
from integrations.cospace.views.conference import PageQuery
from integrations.objects.access import tag_all
from invites.models import EventInvite, Status
from users.models import User


class UserView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        return {"user": _told(request.user)}


class InvitationsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        """Sent and received, the newest first. Who declines one has deleted it."""
        page = self.query(PageQuery)
        user = request.user
        # By ids, because "sent or received" defeats both indexes.
        received = EventInvite.objects.filter(invitee=user).order_by().values("pk")
        sent = EventInvite.objects.filter(event__created_by=user).order_by().values("pk")
        valid = Q(event__created_by__disabled_since=None, invitee__disabled_since=None) & ~Q(status=Status.DECLINED)
        found = EventInvite.objects.filter(valid, pk__in=received.union(sent)).select_related("event")
        rows = found.order_by("-created_at", "pk")[page["first"] : page["first"] + page["count"]]
        return {"invitation": {str(row.pk): _invitation(row) for row in rows}}


def _told(user: User) -> dict[str, Any]:
    return {
        "user": str(user.pk),
        "username": user.username,
        "email": user.email,
        "title": user.title,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "language": user.language,
        "time_zone": user.time_zone,
        "phone": user.phone,
        "tag_all": str(tag_all(user)),
    }


def _invitation(row: EventInvite) -> dict[str, Any]:
    return {
        "owner": str(row.event.created_by_id),
        "user": str(row.invitee_id),
        "conference": str(row.event.room_id),
        "description": row.event.title,
        "status": row.status,
        "time": seconds(row.created_at),
    }
