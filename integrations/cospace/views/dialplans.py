"""api/dialplan: what becomes of calls to the person."""

from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.views.phones import Number
from integrations.objects.models.telephony import Dialplan
from integrations.objects.services.phones import CONDITIONS, NO_ANSWER, update_dialplan
from rest.errors import field_error
from rest.fields import Flag, WholeNumber, several

MOST_RULES = 20


class Rule(serializers.Serializer[Any]):
    """`after`: so many seconds without an answer."""

    when = serializers.ChoiceField(choices=CONDITIONS)
    to = Number()
    after = WholeNumber(min_value=1, max_value=300, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "after" in attrs and attrs["when"] != NO_ANSWER:
            raise field_error("after", "ignored_value", f"Only with {NO_ANSWER}")
        return attrs


class Changes(serializers.Serializer[Any]):
    forward = several(Rule, MOST_RULES, required=False)
    call_reverse = Flag(required=False)


class DialplanView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        row = Dialplan.objects.filter(user=request.user).first() or Dialplan()
        return {"dialplan": {"forward": row.forward, "call_reverse": row.call_reverse}}

    def post(self, request: SessionRequest) -> Json:
        """What is not named stays. The rules are those of now, without those that there were."""
        values = self.body(Changes)
        if "forward" in values:
            values["forward"] = [dict(rule) for rule in values["forward"]]
        update_dialplan(user=request.user, values=values, actor=self.actor)
        return {}
