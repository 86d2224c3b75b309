"""The API's OpenAPI document and the page that shows it, which loads nothing from other hosts."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.generic import View
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerOauthRedirectView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from rest.content_policy import HEADER, policy


def published(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, unless OPENAPI switches off what describes the API."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.OPENAPI:
            raise Http404
        return view(request, *args, **kwargs)

    return shown


class OpenApiView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(document(), content_type="application/json")


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI; its start-up script is this path with `?script=`, so that a page policy can forbid inline scripts."""

    url_name = "openapi"
    template_name = "pages/docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        issuer = "" if settings.OIDC_IS_EMBEDDED else "{0.scheme}://{0.netloc}".format(urlsplit(settings.OIDC_ISSUER))
        # Swagger UI's icons are written out in its style sheet.
        response[HEADER] = policy(img_src="data:", connect_src=issuer)
        if issuer:
            # The sign-in window of another host could not report back to this page.
            response["Cross-Origin-Opener-Policy"] = "unsafe-none"
        return response


class SignInReturnView(SpectacularSwaggerOauthRedirectView):
    """Where the provider sends the sign-in window; its file hands the code to the page that opened it."""


@cache
def document() -> bytes:
    """Built once per process: it takes a second and never changes while the process lives."""
    with translation.override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    return orjson.dumps(schema, default=str)
