"""api/call: the calls that the person may see, as their gateway last told them, and their detailed stream."""

import uuid

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import subscribe, unsubscribe
from integrations.cospace.views.typed import Pages, listed
from integrations.objects import access
from integrations.objects.models.objects import Object
from integrations.objects.models.telephony import Call

TYPE, KIND = Object.Type.CALL, Subscription.Kind.CALL


class CallsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        """Empty where a gateway has said nothing yet."""
        calls = listed(request.user, TYPE, self.query(Pages), "call")
        return {"call": {str(one.pk): state_of(one) for one in calls}}


class CallView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=TYPE)
        return {"call": {str(one.pk): state_of(one)}}


class CallEventView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        subscribe(session=request.auth, kind=KIND)
        return {}

    def delete(self, request: SessionRequest) -> Json:
        unsubscribe(session=request.auth, kind=KIND)
        return {}


def state_of(one: Object) -> Json:
    call: Call | None = getattr(one, "call", None)
    return call.state if call else {}
