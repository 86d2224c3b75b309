"""v1/services/…: objects that services register, and their states."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from integrations.objects.models import Object
from integrations.objects.services.boxes import report_heartbeat
from integrations.objects.services.calls import report_call, report_dtmf
from integrations.objects.services.chats import post_message
from integrations.objects.services.faxes import report_fax
from integrations.objects.services.sensors import confirm_action, pending_actions, report_samples
from integrations.producers import state_serializers as inputs
from integrations.producers import states
from integrations.producers.authentication import PREFIX, IsProducer, NoProducer, producer_of
from integrations.producers.device_reports import OF_BOX
from integrations.producers.envelopes import ALL
from integrations.producers.models import Producer
from integrations.producers.objects import IsNotBound, register_object
from rest import fields
from rest.errors import NotFound, Unauthorized
from rest.schema import may_raise
from users.authentication import ServiceAuthentication, ServiceRequest

Type = Object.Type


class StateView(APIView):
    """For services with the role produce: and `scope`."""

    authentication_classes = (ServiceAuthentication,)
    permission_classes = (IsProducer,)
    scope: ClassVar[str] = ""

    def bound(self, request: ServiceRequest, object_id: uuid.UUID) -> tuple[Producer, Object]:
        """Raises NoProducer, NotFound."""
        producer = producer_of(request)
        return producer, states.bound(producer, object_id, self.scope)


def given(kind: type[serializers.Serializer[Any]], request: ServiceRequest) -> dict[str, Any]:
    data = kind(data=request.data)
    data.is_valid(raise_exception=True)
    values: dict[str, Any] = data.validated_data
    return values


class ServiceObjectView(StateView):
    @may_raise(NoProducer, IsNotBound)
    @extend_schema(
        summary="Register an object to report about", request=inputs.ObjectInput, responses=inputs.ObjectAnswer
    )
    def put(self, request: ServiceRequest, object_id: uuid.UUID) -> Response:
        """For services with the role produce: and the type. A conference is a room of the tenant, by the room's id."""
        producer = producer_of(request)
        values = given(inputs.ObjectInput, request)
        if not request.user.roles & {ALL, PREFIX + values["type"]}:
            raise Unauthorized
        actor = Actor.by_service(producer.name)
        one = register_object(producer=producer, object_id=object_id, values=values, actor=actor)
        return Response(
            {
                "object_id": one.pk,
                "type": one.type,
                "owner_id": one.owner_id,
                "description": one.description,
            }
        )


class ConferenceMembersView(StateView):
    scope = str(Type.CONFERENCE)

    @may_raise(NoProducer)
    @extend_schema(summary="Report who is in a conference", request=inputs.MembersInput, responses={204: None})
    def put(self, request: ServiceRequest, room_id: uuid.UUID) -> Response:
        """Everybody who is there now: who is new has joined, who is missing has left. To be repeated within `ttl`."""
        producer, one = self.bound(request, room_id)
        values = given(inputs.MembersInput, request)
        assert one.room is not None  # noqa: S101 - the constraint object_conference_has_room
        room = one.room
        states.report_state(
            producer=producer,
            one=one,
            kind="conference.members",
            deliver=lambda actor: states.keep_members(producer=producer, room=room, actor=actor, **values),
        )
        return Response(status=204)


class BoxHeartbeatView(StateView):
    scope = str(Type.BOX)

    @may_raise(NoProducer)
    @extend_schema(summary="Report that a box is online", request=inputs.HeartbeatInput, responses={204: None})
    def post(self, request: ServiceRequest, box_id: uuid.UUID) -> Response:
        """A missed heartbeat takes it offline."""
        producer, one = self.bound(request, box_id)
        values = given(inputs.HeartbeatInput, request)
        said = {name: values.get(name) or "" for name in OF_BOX}
        states.report_state(
            producer=producer,
            one=one,
            kind="box.heartbeat",
            deliver=lambda actor: report_heartbeat(box=one, actor=actor, **said),
        )
        return Response(status=204)


class SensorDataView(StateView):
    scope = str(Type.SENSOR)

    @may_raise(NoProducer)
    @extend_schema(summary="Report what a sensor measured", request=inputs.SensorDataInput, responses={204: None})
    def post(self, request: ServiceRequest, sensor_id: uuid.UUID) -> Response:
        producer, one = self.bound(request, sensor_id)
        samples = given(inputs.SensorDataInput, request)["samples"]
        states.report_state(
            producer=producer,
            one=one,
            kind="sensor.data",
            deliver=lambda _actor: report_samples(sensor=one, samples=samples),
        )
        return Response(status=204)


class SensorActionsView(StateView):
    scope = str(Type.SENSOR)

    @may_raise(NoProducer)
    @extend_schema(summary="What a sensor has to do", responses=fields.several(inputs.ActionAnswer, 1))
    def get(self, request: ServiceRequest, sensor_id: uuid.UUID) -> Response:
        """One action at most: a newer one replaces it."""
        _producer, one = self.bound(request, sensor_id)
        return Response(
            [
                {"action_id": action.pk, "time_ms": action.at, "values": action.values}
                for action in pending_actions(sensor=one)
            ]
        )

    @may_raise(NoProducer)
    @extend_schema(
        summary="Report that a sensor has done it",
        request=inputs.ActionDoneInput,
        responses={200: inputs.ActionDoneAnswer},
    )
    def post(self, request: ServiceRequest, sensor_id: uuid.UUID) -> Response:
        producer, one = self.bound(request, sensor_id)
        action_id = given(inputs.ActionDoneInput, request)["action_id"]
        action = states.report_state(
            producer=producer,
            one=one,
            kind="sensor.action",
            deliver=lambda _actor: confirm_action(sensor=one, action_id=action_id),
        )
        return Response({"action_id": action.pk, "state": action.state})


class ServiceCallView(StateView):
    scope = str(Type.CALL)

    @may_raise(NoProducer)
    @extend_schema(summary="Report the state of a call", request=inputs.CallInput, responses={204: None})
    def put(self, request: ServiceRequest, call_id: uuid.UUID) -> Response:
        """All that is known of it now."""
        producer, one = self.bound(request, call_id)
        values = given(inputs.CallInput, request)
        states.report_state(
            producer=producer,
            one=one,
            kind="call.update",
            deliver=lambda _actor: report_call(call=one, state=values),
        )
        return Response(status=204)


class CallDtmfView(StateView):
    scope = str(Type.CALL)

    @may_raise(NoProducer)
    @extend_schema(summary="Report a key pressed in a call", request=inputs.DtmfInput, responses={204: None})
    def post(self, request: ServiceRequest, call_id: uuid.UUID) -> Response:
        producer, one = self.bound(request, call_id)
        values = given(inputs.DtmfInput, request)
        states.report_state(
            producer=producer, one=one, kind="call.dtmf", deliver=lambda _actor: report_dtmf(call=one, **values)
        )
        return Response(status=204)


class FaxReportsView(StateView):
    scope = str(Type.FAX)

    @may_raise(NoProducer, 409)
    @extend_schema(summary="Report a transmission of a fax", request=inputs.FaxReportInput, responses={204: None})
    def post(self, request: ServiceRequest, fax_id: uuid.UUID) -> Response:
        producer, one = self.bound(request, fax_id)
        values = given(inputs.FaxReportInput, request)
        states.report_state(
            producer=producer,
            one=one,
            kind="fax.report",
            deliver=lambda actor: report_fax(fax=one, actor=actor, **values),
        )
        return Response(status=204)


class ChatMessageView(StateView):
    scope = str(Type.CHAT)

    @may_raise(NoProducer)
    @extend_schema(summary="Write into a chat for a member", request=inputs.ChatMessageInput, responses={204: None})
    def post(self, request: ServiceRequest, chat_id: uuid.UUID) -> Response:
        """Staff bind the service to the chat."""
        producer, one = self.bound(request, chat_id)
        values = given(inputs.ChatMessageInput, request)
        writer = states.person(producer, values["user_id"])
        states.report_state(
            producer=producer,
            one=one,
            kind="chat.message",
            deliver=lambda actor: post_message(chat=one, user=writer, text=values["text"], actor=actor),
        )
        return Response(status=204)


class SipRegistrationsView(StateView):
    scope = "sip"

    @may_raise(NoProducer, NotFound)
    @extend_schema(
        summary="Report a registration at a SIP account", request=inputs.RegistrationInput, responses={204: None}
    )
    def post(self, request: ServiceRequest) -> Response:
        """Of any account of the service's tenant."""
        producer = producer_of(request)
        values = given(inputs.RegistrationInput, request)
        states.report_state(
            producer=producer,
            one=None,
            kind="sip.registration",
            deliver=lambda actor: states.keep_registration(producer=producer, actor=actor, **values),
        )
        return Response(status=204)


class CallReverseView(StateView):
    scope = "sip"

    @may_raise(NoProducer)
    @extend_schema(
        summary="Report that a call back begins or ends", request=inputs.CallReverseInput, responses={204: None}
    )
    def post(self, request: ServiceRequest) -> Response:
        """Of any person of the service's tenant, by the dialplan."""
        producer = producer_of(request)
        values = given(inputs.CallReverseInput, request)
        states.report_state(
            producer=producer,
            one=None,
            kind="dialplan.call_reverse",
            deliver=lambda actor: states.keep_call_reverse(producer=producer, actor=actor, **values),
        )
        return Response(status=204)
