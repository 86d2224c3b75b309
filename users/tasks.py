"""Tells OIDC clients of a logout. Best effort: their tokens cannot be refreshed and expire within minutes anyway."""

import logging
from collections.abc import Iterable
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from outgoing.http import OutgoingError
from users.provider import backchannel

logger = logging.getLogger(__name__)
# Later than that the access tokens have expired.
PAUSES_SECONDS = (2, 15, 60)


@shared_task(name="users.tell_logout", bind=True, max_retries=len(PAUSES_SECONDS))
def tell_logout(self: Any, **notice: Any) -> None:
    """`notice` is what `backchannel.tell` takes."""
    tries = self.request.retries
    try:
        backchannel.tell(**notice)
    except OutgoingError as error:
        if tries == len(PAUSES_SECONDS):
            logger.warning("the client %s was not told of a logout: %s", notice["client_id"], error)
            return
        raise self.retry(countdown=PAUSES_SECONDS[tries], exc=error) from None


def queue_logouts(notices: Iterable[dict[str, Any]]) -> None:
    """One task each. As with mails, a broker that does not answer costs a second or two, and the logout holds."""
    try:
        for notice in notices:
            tell_logout.apply_async(kwargs=notice, retry=False)
    except OperationalError as error:
        logger.warning("the broker cannot be told of logouts, so no client will be: %s", error)
