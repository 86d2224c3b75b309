"""api/call: the calls that the person may see, as their gateway last told them, and their detailed stream."""

import uuid

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import subscribe, unsubscribe
from integrations.cospace.views.paging import Page, objects_of, page
from integrations.objects import access
from integrations.objects.models.objects import Object

TYPE, KIND = Object.Type.CALL, Subscription.Kind.CALL


class CallsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        """Those of which a gateway has said something."""
        told = objects_of(request.user, TYPE).filter(call__isnull=False).select_related("call")
        return {"call": {str(one.pk): one.call.state for one in page(told, self.query(Page))}}


class CallView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE)
        call = getattr(one, "call", None)
        return {"call": {str(one.pk): call.state if call else {}}}


class CallEventView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        subscribe(session=request.auth, kind=KIND)
        return {}

    def delete(self, request: SessionRequest) -> Json:
        unsubscribe(session=request.auth, kind=KIND)
        return {}
