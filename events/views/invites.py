"""events/{id}/invites: the invitations; events/{id}/invite: the caller's own answer."""

import uuid
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events import access
from events.instances import one_of_event
from events.resources import email_invitee, user_invitee
from events.serializers.effects import DryRun
from events.serializers.invites import (
    AnswerInput,
    EmailInput,
    EmailRoleInput,
    EventInvitee,
    InvitationInput,
    PendingInvites,
    UserRoleInput,
)
from events.services.invitations import (
    Proposal,
    answer_invite,
    change_email_role,
    change_user_role,
    invite_email,
    invite_user,
    uninvite_email,
    uninvite_user,
    visible_invitee,
)
from events.services.inviting import NoGuests, UnknownEmail
from events.views.dry_run import dry_run_response, is_dry_run
from events.views.events import suppressed
from invites.models import EventInvite, Reply, Status
from rest import fields
from rest.fields import query_words
from rest.pagination import MAX_PER_PAGE, PAGE_PARAMETERS, Page
from rest.schema import DRY_RUN, SUPPRESS, may_raise
from users.authentication import UserRequest

ANSWERS = OpenApiParameter(
    "status",
    {"type": "array", "items": {"type": "string", "enum": Status.values}, "maxItems": len(Status)},
    description="Only these answers",
)


class EventInvitesView(APIView):
    @extend_schema(
        summary="List who is invited",
        parameters=[
            *PAGE_PARAMETERS,
            ANSWERS,
        ],
        responses=fields.several(EventInvitee, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator and the people invited: people with an account first, then addresses."""
        page = Page(request)
        invites, by_mail = access.invitations(request.user, event_id)
        if statuses := query_words(request, "status", Status.values):
            invites, by_mail = invites.filter(status__in=statuses), by_mail.filter(status__in=statuses)
        users, addresses, total = _page_of_both(page, invites, by_mail)
        rows = [user_invitee(one) for one in users] + [email_invitee(one) for one in access.recognized(addresses)]
        return page.response(rows, total)

    @may_raise(NoGuests, UnknownEmail)
    @extend_schema(
        summary="Invite somebody",
        request=InvitationInput,
        parameters=[SUPPRESS, DRY_RUN],
        responses={201: None, 204: None, 200: DryRun},
    )
    def post(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator: by account or by address. Returns 204 if that person is already invited."""
        event = access.writable(request.user, event_id)
        data = InvitationInput(data=request.data)
        data.is_valid(raise_exception=True)
        values: dict[str, Any] = data.validated_data
        how: dict[str, Any] = {
            "event": event,
            "actor": Actor.by_api(request.user),
            "suppress_mail": suppressed(request),
        }
        if "invitee" in values:
            invitee = visible_invitee(event, values["invitee"])
            invite = partial(invite_user, invitee=invitee, role=InvitationInput.user_role(values), **how)
        else:
            invite = partial(invite_email, email=values["email"], role=InvitationInput.email_role(values), **how)
        if is_dry_run(request):
            return dry_run_response(invite, event=event)
        return Response(status=201 if invite() else 204)


class EventInviteeView(APIView):
    @extend_schema(summary="Change a user's role in the meeting", request=UserRoleInput, responses={204: None})
    def patch(self, request: UserRequest, event_id: uuid.UUID, user_id: uuid.UUID) -> Response:
        """For the creator. No mail is sent."""
        event = access.writable(request.user, event_id)
        data = UserRoleInput(data=request.data)
        data.is_valid(raise_exception=True)
        role = data.validated_data.get("role")
        change_user_role(event=event, user_id=user_id, role=role, actor=Actor.by_api(request.user))
        return Response(status=204)

    @extend_schema(
        summary="Withdraw a user's invitation", parameters=[SUPPRESS, DRY_RUN], responses={204: None, 200: DryRun}
    )
    def delete(self, request: UserRequest, event_id: uuid.UUID, user_id: uuid.UUID) -> Response:
        """For the creator. The person is notified, and the meeting is removed from their calendar."""
        event = access.writable(request.user, event_id)
        actor = Actor.by_api(request.user)
        uninvite = partial(uninvite_user, event=event, user_id=user_id, actor=actor, suppress_mail=suppressed(request))
        if is_dry_run(request):
            return dry_run_response(uninvite, event=event)
        uninvite()
        return Response(status=204)


class EventEmailInviteView(APIView):
    @extend_schema(summary="Change an address's role in the meeting", request=EmailRoleInput, responses={204: None})
    def patch(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. No mail is sent."""
        event = access.writable(request.user, event_id)
        data = EmailRoleInput(data=request.data)
        data.is_valid(raise_exception=True)
        email, role = data.validated_data["email"], data.validated_data.get("role")
        change_email_role(event=event, email=email, role=role, actor=Actor.by_api(request.user))
        return Response(status=204)

    @extend_schema(
        summary="Withdraw an address's invitation",
        request=EmailInput,
        parameters=[SUPPRESS, DRY_RUN],
        responses={204: None, 200: DryRun},
    )
    def delete(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. The address is in the body; the guest code created for it stops working."""
        event = access.writable(request.user, event_id)
        data = EmailInput(data=request.data)
        data.is_valid(raise_exception=True)
        uninvite = partial(
            uninvite_email,
            event=event,
            email=data.validated_data["email"],
            actor=Actor.by_api(request.user),
            suppress_mail=suppressed(request),
        )
        if is_dry_run(request):
            return dry_run_response(uninvite, event=event)
        uninvite()
        return Response(status=204)


class PendingInvitesView(APIView):
    @extend_schema(summary="Count the invitations you have not answered", responses=PendingInvites)
    def get(self, request: UserRequest) -> Response:
        """Includes invitations to past meetings."""
        return Response({"total_pending_invites": access.pending_invites(request.user).count()})


class OwnInviteView(APIView):
    @extend_schema(summary="Accept an invitation, or give another answer", request=AnswerInput, responses={204: None})
    def patch(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For people invited by account. Without a body the invitation is accepted.

        An answer to one occurrence overrides the one to the series. A proposal waits for the event's creator.
        """
        invite = access.answered_by(request.user, event_id)
        data = AnswerInput(data=request.data)
        data.is_valid(raise_exception=True)
        return _answer(request, invite, **_answer_of(invite, data.validated_data))

    @extend_schema(summary="Decline an invitation", responses={204: None})
    def delete(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For people invited by account. The meeting stays in their list."""
        return _answer(request, access.answered_by(request.user, event_id), status=Status.DECLINED)


def _answer_of(invite: EventInvite, data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of services.answer_invite from a validated AnswerInput. Raises NotFound for no occurrence."""
    answer = {"status": data["status"], "comment": data["comment"]}
    if "instance_id" in data:
        occurrence = one_of_event(invite.event.as_series(), (), data["instance_id"])
        # Of an event that does not repeat it is the whole.
        answer["occurrence"] = occurrence.original_starts_at if invite.event.is_recurring else None
    if "proposal" in data:
        start, end = data["proposal"]["starts_at"], data["proposal"]["ends_at"]
        answer["proposal"] = Proposal(starts_at=start["datetime"], ends_at=end["datetime"], zone=start["timezone"])
    return answer


def _answer(request: UserRequest, invite: EventInvite, **answer: Any) -> Response:
    answer_invite(invite=invite, actor=Actor.by_api(request.user), via=Reply.Via.API, **answer)
    return Response(status=204)


def _page_of_both(page: Page, *lists: QuerySet[Any]) -> tuple[list[Any], list[Any], int]:
    """The part of one page from each of two concatenated lists, and the length of both together."""
    shown: list[list[Any]] = []
    start, stop, total = page.start, page.stop, 0
    for queryset in lists:
        first, last = max(start - total, 0), max(stop - total, 0)
        found = list(queryset[first:last])
        shown.append(found)
        # A page that is not full says itself where its list ends.
        is_end = len(found) < last - first and (found or first == 0)
        total += first + len(found) if is_end else queryset.count()
    users, addresses = shown
    return users, addresses, total
