"""api/presentation, with what happens in a live one."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import Event, subscribe, tells, unsubscribe
from integrations.cospace.views.typed import ContentView, TypedListView, TypedView, content_of
from integrations.objects import access
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services import presentations
from rest import fields
from rest.errors import field_error

PRESENTATION = Object.Type.PRESENTATION.value


class Control(serializers.Serializer[Any]):
    """`control` says what to do; the other members are what `update` may change."""

    control = serializers.ChoiceField(["start", "stop", "join", "leave", "update", "keepalive"])
    page = fields.WholeNumber(min_value=1, max_value=2**31 - 1, required=False)
    x = serializers.FloatField(min_value=0, max_value=1, required=False)
    y = serializers.FloatField(min_value=0, max_value=1, required=False)
    visible = fields.Flag(required=False)
    moderator = fields.Identifier(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        changes = sorted(attrs.keys() - {"control"})
        if attrs["control"] == "update" and not changes:
            raise field_error("page", "required", "Or x, y, visible or moderator: one of them is required")
        if attrs["control"] != "update" and changes:
            raise field_error(changes[0], "ignored_value", "Only update takes this member")
        return attrs


class PresentationsView(TypedListView):
    of_type = PRESENTATION


class PresentationView(TypedView):
    of_type = PRESENTATION

    def more(self, one: Object) -> Json:
        """`live` is missing where it is not live."""
        status = presentations.status_of(one.pk)
        return {"live": status} if status else {}


class PresentationContentView(ContentView):
    of_type = PRESENTATION


class PageView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """How many pages there are, and which one is shown now, where it is live."""
        one = access.found(request.user, object_id, of_type=PRESENTATION)
        content, status = content_of(one), presentations.status_of(one.pk)
        pages = {"page_count": content.page_count} if content and content.page_count else {}
        return pages | ({"page": status["page"]} if status else {})


class ControlView(CospaceView):
    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Whoever can change the presentation starts it; whoever reads it may join. The moderator does the rest."""
        values = self.body(Control)
        control = values.pop("control")
        level = Level.WRITE if control == "start" else Level.READ
        one = access.found(request.user, object_id, of_type=PRESENTATION, level=level)
        who: dict[str, Any] = {"presentation": one, "user": request.user}
        match control:
            case "start":
                presentations.start_presentation(**who, actor=self.actor)
            case "stop":
                presentations.stop_presentation(**who, actor=self.actor)
            case "join":
                presentations.join_presentation(**who)
            case "leave":
                presentations.leave_presentation(**who, actor=self.actor)
            case "keepalive":
                presentations.keep_alive(**who)
            case _:
                presentations.update_presentation(**who, **values)
        return {}


class PresentationEventView(CospaceView):
    """The detailed stream: its events arrive with all others at /api/event."""

    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=PRESENTATION)
        subscribe(session=request.auth, kind=Subscription.Kind.PRESENTATION, object_id=one.pk)
        return {}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        unsubscribe(session=request.auth, kind=Subscription.Kind.PRESENTATION, object_id=object_id)
        return {}


@tells(Subscription.Kind.PRESENTATION)
def presentation_status(object_id: uuid.UUID) -> Event | None:
    """Nothing of one that is not live: it has no moderator. When it starts, those who listen are told its status."""
    status = presentations.status_of(object_id)
    return ("presentation_status", status) if status else None
