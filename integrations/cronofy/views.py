"""v1/smart_invites: an application's invites."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from calendars.addresses import canonical
from integrations.cronofy import calendar_objects, errors
from integrations.cronofy.access import event_of, invited, readable
from integrations.cronofy.authentication import ApplicationAuthentication, ApplicationRequest, IsApplication
from integrations.cronofy.models import ID_LENGTH, Application, Ending, SmartInvite
from integrations.cronofy.resources import Json, resource
from integrations.cronofy.serializers import SmartInviteAnswer, SmartInviteInput, people
from integrations.cronofy.services import cancel_invite, put_invite
from rest.errors import NotFound, field_error
from rest.fields import query_flag
from rest.schema import flag_parameter, may_raise, text_parameter


class SmartInvitesView(APIView):
    authentication_classes = (ApplicationAuthentication,)
    permission_classes = (IsApplication,)
    error_answer: ClassVar[Any] = errors.SmartInviteError

    def get_exception_handler(self) -> Any:
        return errors.answer

    @may_raise(NotFound, 422)
    @extend_schema(
        summary="Read an invite and the answers to it",
        parameters=[
            text_parameter("smart_invite_id", ID_LENGTH, "The id that the application chose", required=True),
            text_parameter("recipient_email", 255, "Whose invitation; left out where there are several recipients"),
            flag_parameter("include_ics", "Add the calendar object as it is now"),
        ],
        responses=SmartInviteAnswer,
    )
    def get(self, request: ApplicationRequest) -> Response:
        """For applications with an API key. A cancelled invite stays readable."""
        smart_invite = readable(request.auth, _query(request, "smart_invite_id", ID_LENGTH))
        email = _query(request, "recipient_email", 255, is_required=not smart_invite.is_for_several)
        return Response(told(smart_invite, email, has_object=bool(query_flag(request, "include_ics"))))

    @may_raise(NotFound)
    @extend_schema(
        summary="Invite people, change an invite or cancel it",
        request=SmartInviteInput,
        responses=SmartInviteAnswer,
    )
    def post(self, request: ApplicationRequest) -> Response:
        """For applications with an API key. The same id again changes the invite; the application mails the object."""
        data = SmartInviteInput(data=request.data)
        data.is_valid(raise_exception=True)
        values: dict[str, Any] = data.validated_data
        application, actor = request.auth, Actor.by_api(request.user)
        emails = [person["email"] for person in people(values)]
        email = "" if "recipients" in values else emails[0]
        if values["method"] == "request":
            smart_invite = put_invite(application=application, values=values, actor=actor)
            return Response(told(smart_invite, email, has_object=True))
        ended = cancel_invite(
            application=application, smart_invite_id=values["smart_invite_id"], emails=emails, actor=actor
        )
        if values["method"] == "remove":
            return Response(_after_removal(application, values["smart_invite_id"], ended))
        return Response(_ended(ended[0] if email else ended[-1], has_object=True))


def told(smart_invite: SmartInvite, email: str, *, has_object: bool) -> Json:
    """Of one recipient, or for "" of all; as it was last where it has ended. Raises NotFound."""
    event, address = event_of(smart_invite), canonical(email)
    there = invited(smart_invite, event) if event else []
    found = [one for one in there if address in ("", one.recipient.address)]
    if event is None or not found:
        ending = smart_invite.endings.filter(address=address).first()
        if ending is None:
            raise NotFound
        return _ended(ending, has_object=has_object)
    answer = resource(smart_invite, event, found, is_for_several=not email) | {"method": "request"}
    if not has_object:
        return answer
    written = calendar_objects.written("invite", event, [one.invite for one in found])
    return answer | _attachments(written)


def _ended(ending: Ending, *, has_object: bool) -> Json:
    answer: Json = ending.resource | {"method": "cancel"}
    return answer | _attachments(ending.icalendar) if has_object else answer


def _after_removal(application: Application, smart_invite_id: str, ended: list[Ending]) -> Json:
    """The invite of those who are left, with what tells the first of those removed."""
    smart_invite = readable(application, smart_invite_id)
    event = event_of(smart_invite)
    is_left = event is not None and bool(invited(smart_invite, event))
    answer = told(smart_invite, "", has_object=True) if is_left else _ended(ended[-1], has_object=True)
    gone = ended[0]
    removed = {"email": gone.resource["recipient"]["email"], "icalendar": gone.icalendar}
    return answer | {"attachments": answer.get("attachments", {}) | {"removed": removed}}


def _attachments(icalendar: str) -> Json:
    return {"attachments": {"icalendar": icalendar}} if icalendar else {}


def _query(request: ApplicationRequest, name: str, maximum: int, *, is_required: bool = True) -> str:
    text = request.query_params.get(name, "")
    if is_required and not text:
        raise field_error(name, "value_required", "This parameter is required.")
    if len(text) > maximum or "\0" in text:
        raise NotFound
    return text
