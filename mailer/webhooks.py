"""Where an ESP tells what became of a mail, and hands over mails: anymail's webhooks, behind a password that it has."""

import logging
from collections.abc import Callable

from anymail.exceptions import AnymailAPIError, AnymailConfigurationError
from anymail.urls import urlpatterns
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt

logger = logging.getLogger(__name__)
# What anymail's readers raise where a body is not what they expect.
_UNREADABLE = (AnymailAPIError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @csrf_exempt
    def guarded(request: HttpRequest) -> HttpResponse:
        """404 without ANYMAIL_WEBHOOK_SECRET and for an ESP that is not set up."""
        if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
            raise Http404
        try:
            return view(request)
        except AnymailConfigurationError as error:
            logger.warning("a webhook cannot be served: %s", error)
            raise Http404 from error
        except _UNREADABLE as error:
            logger.warning("a webhook was told what cannot be read", exc_info=True)
            raise BadRequest("The event cannot be read") from error

    return guarded


def _of_inbound(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @csrf_exempt
    def guarded(request: HttpRequest, *_groups: str | None) -> HttpResponse:
        """404 while nobody here reads mails. Mailgun's path has a group, which means nothing to anymail's view."""
        if not settings.INBOUND_DOMAIN:
            raise Http404
        return view(request)

    return guarded


def _patterns(
    ending: str, guard: Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]
) -> list[URLPattern]:
    found = (item for item in urlpatterns if str(item.name).endswith(ending))
    return [URLPattern(item.pattern, guard(item.callback), name=item.name) for item in found]


WEBHOOKS = [
    *_patterns("_tracking_webhook", _guarded),
    *_patterns("_inbound_webhook", lambda view: _of_inbound(_guarded(view))),
]
