"""Which webhooks a person reaches: the own ones, and as a compliance officer those of the tenant."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from integrations.webex import ids
from integrations.webex.access import IsComplianceOfficer
from integrations.webex.models import Webhook
from rest.errors import BadRequest, NotFound
from users.authentication import UserRequest
from users.provider.scopes import WEBHOOKS_READ, WEBHOOKS_WRITE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(\d{1,17})\.([0-9a-f]{32})", re.ASCII)


class _Reads(IsComplianceOfficer):
    scope = WEBHOOKS_READ


class _Writes(IsComplianceOfficer):
    scope = WEBHOOKS_WRITE


def require_officer(request: UserRequest, *, writes: bool) -> None:
    """Raises Forbidden."""
    permission = _Writes() if writes else _Reads()
    permission.has_permission(request, None)


def listed(request: UserRequest, *, is_of_org: bool) -> QuerySet[Webhook]:
    """The newest first. Raises Forbidden where somebody else asks for the tenant's."""
    rows = Webhook.objects.select_related("endpoint").order_by("-created_at", "pk")
    if not is_of_org:
        return rows.filter(owner=request.user)
    require_officer(request, writes=False)
    return rows.filter(tenant_id=request.user.tenant_id, owned_by=Webhook.OwnedBy.ORG)


def found(request: UserRequest, webhook_id: str, *, writes: bool = False, deletes: bool = False) -> Webhook:
    """Whoever created it may read and delete it, whatever right is gone since. Raises NotFound, Forbidden."""
    user, key = request.user, ids.read(webhook_id, ids.WEBHOOK)
    reachable = Q(owner=user) | Q(tenant_id=user.tenant_id, owned_by=Webhook.OwnedBy.ORG)
    rows = Webhook.objects.select_related("endpoint", "owner").filter(reachable)
    webhook = rows.filter(pk=key).first() if key else None
    if webhook is None:
        raise NotFound
    is_own, is_of_org = webhook.owner_id == user.pk, webhook.owned_by == Webhook.OwnedBy.ORG
    if is_of_org and (writes or not is_own):
        require_officer(request, writes=writes or deletes)
    return webhook


def after(text: str) -> Q:
    """What comes behind the last one that was shown. Raises BadRequest."""
    if not text:
        return Q()
    there = _CURSOR.fullmatch(text)
    if there is None:
        raise BadRequest("The query parameter cursor is none of this list")
    created_at = EPOCH + timedelta(microseconds=int(there[1]))
    return Q(created_at__lt=created_at) | Q(created_at=created_at, pk__gt=uuid.UUID(there[2]))


def cursor_of(webhook: Webhook) -> str:
    since: Any = (webhook.created_at - EPOCH) // timedelta(microseconds=1)
    return f"{since}.{webhook.pk.hex}"
