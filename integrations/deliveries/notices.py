"""Mails to the owner of an endpoint."""

import uuid
from urllib.parse import urlsplit

from calendars.addresses import canonical
from integrations.deliveries.models import Endpoint
from mailer import outbox
from mailer.messages import ExternalUser, Recipient
from mailer.notices import CallbackNotice, What
from users.models import User


def tell_owner(endpoint: Endpoint, what: What, *, cause: uuid.UUID, error: str = "", count: int = 0) -> None:
    """One mail for each cause, in the language of the account with that address; none where there is no address."""
    if not endpoint.owner_address:
        return
    user = User.objects.filter(tenant_id=endpoint.tenant_id, email=canonical(endpoint.owner_address)).first()
    notice = CallbackNotice(
        recipient=Recipient(language=user.language, time_zone=user.time_zone) if user else Recipient(),
        owner=ExternalUser(endpoint.owner_address),
        what=what,
        host=endpoint.host,
        url=urlsplit(endpoint.url)._replace(query="", fragment="").geturl(),
        error=error,
        count=count,
    )
    outbox.enqueue([notice], cause=cause, tenant_id=endpoint.tenant_id)
