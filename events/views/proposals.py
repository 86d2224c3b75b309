"""events/{id}/proposals: other times that people proposed, and what the creator makes of them."""

import uuid
from functools import partial

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events import access
from events.resources import proposal_resource
from events.schedule import InvalidEvent
from events.serializers.effects import DryRun
from events.serializers.invites import ProposalResource, RefusalInput
from events.services.proposals import ProposalDecided, accept_proposal, refuse_proposal
from events.views.dry_run import dry_run_response, is_dry_run
from events.views.events import suppressed
from invites.models import Reply
from rest import fields
from rest.fields import query_words
from rest.pagination import MAX_PER_PAGE, PAGE_PARAMETERS, Page
from rest.schema import DRY_RUN, SUPPRESS, may_raise
from users.authentication import UserRequest

STATES = OpenApiParameter(
    "state",
    {
        "type": "array",
        "items": {"type": "string", "enum": Reply.ProposalState.values},
        "maxItems": len(Reply.ProposalState),
    },
    description="Only these",
)


class ProposalsView(APIView):
    @extend_schema(
        summary="List the times that people proposed instead",
        parameters=[*PAGE_PARAMETERS, STATES],
        responses=fields.several(ProposalResource, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. The latest first."""
        page, found = Page(request), access.proposals(access.writable(request.user, event_id))
        if states := query_words(request, "state", Reply.ProposalState.values):
            found = found.filter(proposal_state__in=states)
        rows = [proposal_resource(reply) for reply in found[page.start : page.stop]]
        return page.response(rows, found.count())


class AcceptProposalView(APIView):
    @may_raise(ProposalDecided, InvalidEvent)
    @extend_schema(
        summary="Accept a proposed time",
        request=None,
        parameters=[SUPPRESS, DRY_RUN],
        responses={204: None, 200: DryRun},
    )
    def post(self, request: UserRequest, event_id: uuid.UUID, proposal_id: uuid.UUID) -> Response:
        """For the creator. Moves the occurrence, or the event with its pattern. Everyone invited is notified."""
        event = access.writable(request.user, event_id)
        accept = partial(
            accept_proposal,
            event=event,
            proposal_id=proposal_id,
            actor=Actor.by_api(request.user),
            suppress_mail=suppressed(request),
        )
        if is_dry_run(request):
            return dry_run_response(accept, event=event)
        accept()
        return Response(status=204)


class RefuseProposalView(APIView):
    @may_raise(ProposalDecided)
    @extend_schema(
        summary="Refuse a proposed time",
        request=RefusalInput,
        parameters=[SUPPRESS, DRY_RUN],
        responses={204: None, 200: DryRun},
    )
    def post(self, request: UserRequest, event_id: uuid.UUID, proposal_id: uuid.UUID) -> Response:
        """For the creator. Whoever proposed it is told, with a comment."""
        event = access.writable(request.user, event_id)
        data = RefusalInput(data=request.data)
        data.is_valid(raise_exception=True)
        refuse = partial(
            refuse_proposal,
            event=event,
            proposal_id=proposal_id,
            actor=Actor.by_api(request.user),
            suppress_mail=suppressed(request),
            **data.validated_data,
        )
        if is_dry_run(request):
            return dry_run_response(refuse, event=event)
        refuse()
        return Response(status=204)
