"""api/phone: the person's phone numbers, and whether calls from them are known."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.objects.models.telephony import Phone
from integrations.objects.services.phones import update_phone
from rest.fields import Flag, Items, Text

MOST_NUMBERS = 20


class Number(Text):
    """A phone number in the form of E.164, or an extension."""

    def __init__(self, **kwargs: Any) -> None:
        form = RegexValidator(r"\A(\+[1-9][0-9]{4,14}|[0-9*#]{1,15})\Z")
        super().__init__(max_length=16, validators=[form], **kwargs)


class Changes(serializers.Serializer[Any]):
    number = Items(child=Number(), max_length=MOST_NUMBERS, required=False)
    call_in = Flag(required=False)


class PhoneView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        row = Phone.objects.filter(user=request.user).first() or Phone()
        return {"phone": {"number": row.numbers, "call_in": row.call_in}}

    def post(self, request: SessionRequest) -> Json:
        """What is not named stays. The numbers are those of now, without those that there were."""
        values = self.body(Changes)
        if "number" in values:
            values["numbers"] = list(dict.fromkeys(values.pop("number")))
        update_phone(user=request.user, values=values, actor=self.actor)
        return {}
