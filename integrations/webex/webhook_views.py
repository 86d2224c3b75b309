"""webhooks and webhooks/{id}, as programs of Webex know them: 200 for what is created, 204 for what is deleted."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from activity.actors import Actor
from integrations.deliveries.keys import newest_values
from integrations.webex import ids
from integrations.webex.access import MissingScope, NotCompliance
from integrations.webex.errors import WebexView
from integrations.webex.models import Webhook
from integrations.webex.parsers import WebhookParser
from integrations.webex.resources import Json, resource
from integrations.webex.webhook_access import after, cursor_of, found, listed, require_officer
from integrations.webex.webhook_input import (
    MOST_ON_A_PAGE,
    WebhookChange,
    WebhookInput,
    WebhookList,
    WebhookResource,
)
from integrations.webex.webhooks import (
    SwitchedOff,
    TooManyWebhooks,
    create_webhook,
    delete_webhook,
    update_webhook,
)
from rest.errors import BadRequest
from rest.fields import query_text, query_word
from rest.pagination import LINK
from rest.schema import may_raise, number_parameter, text_parameter
from users.authentication import UserRequest

DEFAULT_MAX = 100
LONGEST_CURSOR = 60
ID = text_parameter("webhook_id", ids.LONGEST, "Its id", location=OpenApiParameter.PATH)


class WebexWebhooksView(WebexView):
    @may_raise(MissingScope, NotCompliance)
    @extend_schema(
        summary="List webhooks",
        parameters=[
            LINK,
            number_parameter("max", DEFAULT_MAX, "Items per page", minimum=1, maximum=MOST_ON_A_PAGE),
            text_parameter("ownedBy", 7, "org: those of the organization, for compliance officers. Else your own"),
            text_parameter("cursor", LONGEST_CURSOR, "From the Link header"),
        ],
        responses=WebhookList,
    )
    def get(self, request: UserRequest) -> Response:
        """The newest first; the next page is in the Link header with rel=next."""
        is_of_org = query_word(request, "ownedBy", "creator", "org") == "org"
        size, where = _max(request), after(query_text(request, "cursor", LONGEST_CURSOR))
        rows = list(listed(request, is_of_org=is_of_org).filter(where)[: size + 1])
        items = {"items": _resources(rows[:size], request)}
        if len(rows) <= size:
            return Response(items)
        query = {"max": size, **({"ownedBy": "org"} if is_of_org else {}), "cursor": cursor_of(rows[size - 1])}
        url = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
        return Response(items, headers={"Link": f'<{url}>; rel="next"'})

    @may_raise(MissingScope, NotCompliance, TooManyWebhooks, BadRequest)
    @extend_schema(summary="Create a webhook", request=WebhookInput, responses={200: WebhookResource})
    def post(self, request: UserRequest) -> Response:
        """It is told what you learn of, from now on; with `ownedBy` org all that happens in the organization."""
        data = WebhookInput(data=request.data)
        data.is_valid(raise_exception=True)
        values: dict[str, Any] = data.validated_data
        if values["ownedBy"] == Webhook.OwnedBy.ORG:
            require_officer(request, writes=True)
        columns = {
            "name": values["name"],
            "resource": values["resource"],
            "event": values["event"],
            "filter": values.get("filter") or "",
            "owned_by": values["ownedBy"],
            "app_id": _client_of(request),
        }
        webhook = create_webhook(
            owner=request.user,
            values=columns,
            url=values["targetUrl"],
            secret=values.get("secret") or "",
            actor=Actor.by_api(request.user),
        )
        return Response(_resource(webhook, request))


class WebexWebhookView(WebexView):
    parser_classes = (WebhookParser,)

    @may_raise(MissingScope, NotCompliance)
    @extend_schema(summary="Read a webhook", parameters=[ID], responses=WebhookResource)
    def get(self, request: UserRequest, webhook_id: str) -> Response:
        return Response(_resource(found(request, webhook_id), request))

    @may_raise(MissingScope, NotCompliance, SwitchedOff, BadRequest)
    @extend_schema(
        summary="Change a webhook, or make it active again",
        parameters=[ID],
        request=WebhookChange,
        responses=WebhookResource,
    )
    def put(self, request: UserRequest, webhook_id: str) -> Response:
        webhook = found(request, webhook_id, writes=True)
        data = WebhookChange(data=request.data)
        data.is_valid(raise_exception=True)
        values: dict[str, Any] = data.validated_data
        webhook = update_webhook(
            webhook=webhook,
            name=values.get("name"),
            url=values.get("targetUrl"),
            secret=values.get("secret"),
            is_activated=values.get("status") == "active",
            actor=Actor.by_api(request.user),
        )
        return Response(_resource(webhook, request))

    @may_raise(MissingScope, NotCompliance)
    @extend_schema(summary="Delete a webhook", parameters=[ID], responses={204: None})
    def delete(self, request: UserRequest, webhook_id: str) -> Response:
        """What waits for its receiver is not sent any more."""
        webhook = found(request, webhook_id, deletes=True)
        delete_webhook(webhook=webhook, actor=Actor.by_api(request.user))
        return Response(status=204)


def _resource(webhook: Webhook, request: UserRequest) -> Json:
    return _resources([webhook], request)[0]


def _resources(webhooks: Sequence[Webhook], request: UserRequest) -> list[Json]:
    """With their secrets where they are the caller's own."""
    own = [webhook.endpoint.ring_id for webhook in webhooks if webhook.owner_id == request.user.pk]
    secrets = newest_values(own) if own else {}
    return [resource(webhook, secrets.get(webhook.endpoint.ring_id)) for webhook in webhooks]


def _client_of(request: Any) -> str:
    """The program whose token it is."""
    client = request.auth.get("azp") or request.auth.get("client_id")
    return client[:255] if isinstance(client, str) else ""


def _max(request: UserRequest) -> int:
    text = request.query_params.get("max", str(DEFAULT_MAX))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= MOST_ON_A_PAGE:
        raise BadRequest(f"The query parameter max must be between 1 and {MOST_ON_A_PAGE}")
    return number
