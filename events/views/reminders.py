"""users/me/reminders and events/{id}/reminders."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events import access
from events.models import Reminder
from events.serializers.reminders import EventReminders, EventRemindersInput, UsualReminders, rules
from events.services.reminders import set_reminders, set_reminders_for_everybody, set_usual_reminders
from rest.errors import BadRequest
from rest.fields import query_flag
from rest.schema import flag_parameter, may_raise
from users.authentication import UserRequest
from users.models import User

FOR_EVERYBODY = flag_parameter(
    "for_everybody", "Of all who have not said otherwise, instead of your own; only for the creator"
)


class UsualRemindersView(APIView):
    @extend_schema(
        summary="Get your usual reminders",
        description="What you are reminded of by mail, of each meeting for which you want nothing else.",
        responses=UsualReminders,
    )
    def get(self, request: UserRequest) -> Response:
        return Response(_usual(request.user))

    @extend_schema(
        summary="Set your usual reminders",
        description="For all your meetings, later ones included. Those planned already follow within a minute.",
        request=UsualReminders,
        responses={200: UsualReminders},
    )
    def put(self, request: UserRequest) -> Response:
        data = UsualReminders(data=request.data)
        data.is_valid(raise_exception=True)
        wanted, is_off = rules(data.validated_data["reminders"]), not data.validated_data["enabled"]
        set_usual_reminders(user=request.user, actor=Actor.by_api(request.user), rules=wanted, is_off=is_off)
        return Response(_usual(request.user))


class EventRemindersView(APIView):
    @extend_schema(
        summary="Get the reminders of an event",
        description="Yours, null where you have said nothing about this event, and those for everybody in it.",
        responses=EventReminders,
    )
    def get(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        access.readable(request.user, event_id)
        return Response(_of_event(request.user, event_id))

    @may_raise(BadRequest)
    @extend_schema(
        summary="Set the reminders of an event",
        description="Yours stand instead of your usual ones and of those for everybody.",
        request=EventRemindersInput,
        parameters=[FOR_EVERYBODY],
        responses={200: EventReminders},
    )
    def put(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        event, actor = access.attended(request.user, event_id), Actor.by_api(request.user)
        is_for_everybody = query_flag(request, FOR_EVERYBODY.name)
        if is_for_everybody:
            event = access.writable(request.user, event_id)
        data = EventRemindersInput(data=request.data)
        data.is_valid(raise_exception=True)
        wanted = data.validated_data["reminders"]
        if is_for_everybody:
            set_reminders_for_everybody(event=event, actor=actor, rules=rules(wanted or ()))
        else:
            own = None if wanted is None else rules(wanted)
            set_reminders(event=event, user=request.user, actor=actor, rules=own)
        return Response(_of_event(request.user, event_id))


def _usual(user: User) -> dict[str, Any]:
    row = Reminder.objects.filter(event=None, user=user).first() or Reminder()
    return {"enabled": not row.is_off, "reminders": row.rules}


def _of_event(user: User, event_id: uuid.UUID) -> dict[str, Any]:
    rows = Reminder.objects.filter(event=event_id)
    found = {row.user_id: row.rules for row in rows.filter(user=user).union(rows.filter(user=None))}
    return {"reminders": found.get(user.pk), "for_everybody": found.get(None, [])}
