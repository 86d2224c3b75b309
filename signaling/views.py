"""start and start_invited of rooms, services/call_in/start and recording/start of the API, and /signaling itself."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from rest.client import client_address
from rest.errors import Forbidden, NotFound, ServiceUnavailable, TooManyRequests, UpgradeRequired
from rest.permissions import HasRole
from rest.schema import may_raise
from rooms import access as rooms
from rooms import guesses
from rooms.access import ServiceNotFound
from rooms.models import Room
from rooms.sip import FeatureDisabled, ServiceForbidden
from signaling import access
from signaling.access import BannedFromRoom, InvalidCredentials, WrongRoomPassword
from signaling.serializers import (
    CallInStartInput,
    RecordingStartInput,
    StartAnswer,
    StartInput,
    StartInvitedInput,
    start_answer,
)
from signaling.tickets import InvalidBreakoutRoom, NoBreakoutRooms, issue_ticket
from users.authentication import OptionalBearerAuthentication, ServiceAuthentication, ServiceRequest, UserRequest
from users.models import User

SIGN_IN_OR_NOT: Any = [{}, {"signIn": []}]


class StartView(APIView):
    """For the creator and the invitees, who need no password."""

    @may_raise(BannedFromRoom, NoBreakoutRooms, InvalidBreakoutRoom)
    @extend_schema(summary="Start as a person of the meeting", request=StartInput, responses=StartAnswer)
    def post(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        room = rooms.readable(request.user, room_id)
        data = StartInput(data=request.data)
        data.is_valid(raise_exception=True)
        return Response(start_answer(issue_ticket(room=room, user=request.user, **data.validated_data)))


class StartInvitedView(APIView):
    """For anyone with a guest code. People of the meeting may use a guest link too and join under their own name."""

    authentication_classes = (OptionalBearerAuthentication,)
    permission_classes = (AllowAny,)

    @may_raise(
        BannedFromRoom, NoBreakoutRooms, InvalidBreakoutRoom, WrongRoomPassword, ServiceNotFound, TooManyRequests
    )
    @extend_schema(
        summary="Start with a guest code", request=StartInvitedInput, responses={200: StartAnswer}, auth=SIGN_IN_OR_NOT
    )
    def post(self, request: Request, room_id: uuid.UUID) -> Response:
        data = StartInvitedInput(data=request.data)
        data.is_valid(raise_exception=True)
        wanted = data.validated_data
        code = access.as_guest(wanted.pop("invite_code"), room_id)
        password = wanted.pop("password", None)
        user = _person_of_meeting(request, room_id)
        if user is not None:
            return Response(start_answer(issue_ticket(room=code.room, user=user, **wanted)))
        _check_password(request, code.room, password)
        return Response(start_answer(issue_ticket(room=code.room, code=code, **wanted)))


class IsCallInGateway(HasRole):
    role = "opentalk-call-in"


class StartCallInView(APIView):
    """For the telephone gateway, which asks the caller for the dial-in id and PIN."""

    authentication_classes = (ServiceAuthentication,)
    permission_classes = (IsCallInGateway,)

    @may_raise(InvalidCredentials, FeatureDisabled, ServiceForbidden, TooManyRequests)
    @extend_schema(summary="Start for a caller by phone", request=CallInStartInput, responses={200: StartAnswer})
    def post(self, request: ServiceRequest) -> Response:
        data = CallInStartInput(data=request.data)
        data.is_valid(raise_exception=True)
        config = access.dialled(data.validated_data["id"])
        if not guesses.is_right(
            room=config.room,
            client=guesses.BY_PHONE,
            given=data.validated_data["pin"],
            expected=config.password,
            actor=Actor.by_service(request.user.name),
        ):
            raise InvalidCredentials
        access.check_call_in(config.room)
        return Response(start_answer(issue_ticket(room=config.room)))


class IsRecorder(HasRole):
    role = "opentalk-recorder"


class StartRecordingView(APIView):
    """For the recorder, whom nobody in the meeting sees."""

    authentication_classes = (ServiceAuthentication,)
    permission_classes = (IsRecorder,)

    @may_raise(NoBreakoutRooms, InvalidBreakoutRoom, NotFound, FeatureDisabled, ServiceForbidden)
    @extend_schema(summary="Start as the recorder", request=RecordingStartInput, responses={200: StartAnswer})
    def post(self, request: ServiceRequest) -> Response:
        data = RecordingStartInput(data=request.data)
        data.is_valid(raise_exception=True)
        wanted = data.validated_data
        room = access.recorded(wanted.pop("room_id"))
        return Response(start_answer(issue_ticket(room=room, is_recorder=True, **wanted)))


class SignalingView(APIView):
    """Not a WebSocket: refused where one could be opened; where none can be, clients are told to try again."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)  # it is no operation of HTTP
    def get(self, request: Request) -> Response:
        raise UpgradeRequired if "asgi.scope" in request.META else ServiceUnavailable


def _person_of_meeting(request: Request, room_id: uuid.UUID) -> User | None:
    """Whoever is signed in and in the meeting anyway comes under their own name; a signed-in stranger is a guest."""
    if not isinstance(request.user, User):
        return None
    try:
        rooms.readable(request.user, room_id)
    except Forbidden:
        return None
    return request.user


def _check_password(request: Request, room: Room, password: str | None) -> None:
    """Raises WrongRoomPassword, TooManyRequests. No password is no guess; a room without one ignores what is given."""
    if not room.password:
        return
    if not password or not guesses.is_right(
        room=room,
        client=guesses.client_at(client_address(request)),
        given=password,
        expected=room.password,
        actor=Actor.by_guest(),
    ):
        raise WrongRoomPassword
