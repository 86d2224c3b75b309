"""api/conference: rooms, who is in them now, and the detailed stream of each."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace import conferences
from integrations.cospace.authentication import SessionRequest
from integrations.cospace.dialect import CospaceView, Json
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import subscribe, unsubscribe
from integrations.objects import access
from integrations.objects.models.objects import Object


class PageQuery(serializers.Serializer[Any]):
    """`first` is how many are passed over."""

    first = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)
    count = serializers.IntegerField(min_value=1, max_value=500, default=100)


class ConferencesView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        return {"conference": conferences.listed(request.user, **self.query(PageQuery))}


class ConferenceView(CospaceView):
    def get(self, request: SessionRequest, conference_id: uuid.UUID) -> Json:
        return {"conference": conferences.one(request.user, conference_id)}


class ConferenceEventView(CospaceView):
    def get(self, request: SessionRequest, conference_id: uuid.UUID) -> Json:
        """The detailed stream begins, with the state of the conference."""
        access.found(request.user, conference_id, of_type=Object.Type.CONFERENCE)
        subscribe(session=request.auth, kind=Subscription.Kind.CONFERENCE, object_id=conference_id)
        return {}

    def delete(self, request: SessionRequest, conference_id: uuid.UUID) -> Json:
        unsubscribe(session=request.auth, kind=Subscription.Kind.CONFERENCE, object_id=conference_id)
        return {}
