"""Sign in and sign out, and the toolkit's views where it answers bad input with an error 500."""

import contextlib
import time
from typing import Any
from urllib.parse import SplitResult, urlsplit

import jwt
import orjson
from django.conf import settings
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from oauth2_provider.exceptions import (
    InvalidIDTokenError,
    InvalidOIDCClientError,
    InvalidOIDCRedirectURIError,
    OIDCError,
)
from oauth2_provider.models import get_access_token_model
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem
from oauth2_provider.views import AuthorizationView as ToolkitAuthorizationView
from oauth2_provider.views import ConnectDiscoveryInfoView, RPInitiatedLogoutView
from oauth2_provider.views import TokenView as ToolkitTokenView

from rest.content_policy import HEADER, policy
from users import services
from users.models import Client, User
from users.provider.forms import SignInForm
from users.provider.second_factor import ask_for_it, is_wanted
from users.provider.validator import MAX_AGE
from users.staff_sign_in import PASSWORD, SIGNED_IN_AT, sign_in


class LeadsToClients:
    """A page with a form that ends at a client's address: browsers hold redirects against the page's policy too."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        response[HEADER] = policy(form_action=" ".join(_origins_of_clients()))
        return response


class LoginView(LeadsToClients, views.LoginView):
    template_name = "pages/login.html"
    authentication_form = SignInForm

    def form_valid(self, form: Any) -> HttpResponse:
        if is_wanted(form.get_user()):
            return ask_for_it(self.request, form.get_user(), self.get_success_url())
        sign_in(self.request, form.get_user(), how=PASSWORD)
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issuer = settings.STAFF_OIDC_NAME if settings.STAFF_OIDC_CLIENT_ID else ""
        return super().get_context_data(**kwargs) | {"issuer": issuer}

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "locked"):
            response.status_code = 429
            response["Retry-After"] = str(form.wait_seconds)
        return response


class AuthorizationView(LeadsToClients, ToolkitAuthorizationView):
    template_name = "pages/authorize.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET = _with_prompt_for_max_age(request, _without_resource(request.GET))
        request.META["QUERY_STRING"] = request.GET.urlencode()
        request.POST = _without_resource(request.POST)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class TokenView(ToolkitTokenView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("grant_type") == Client.GRANT_DEVICE_CODE:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        if any("\0" in value for value in request.POST.values()):  # which PostgreSQL would refuse to look for
            return JsonResponse({"error": "invalid_request"}, status=400)
        request.POST = _without_resource(request.POST)
        try:
            response: HttpResponse = super().post(request, *args, **kwargs)
        except get_access_token_model().DoesNotExist:
            # Between its making and this look another request has used the code again, which revokes what it brought.
            response = JsonResponse({"error": "invalid_grant"}, status=400)
        # The toolkit leaves them out where it finds the error only when it stores the tokens.
        response["Content-Type"] = "application/json"
        response["Cache-Control"] = "no-store"
        return response


class DiscoveryView(ConnectDiscoveryInfoView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        can = {
            "revocation_endpoint": self._get_endpoint_url(request, "revoke-token", required=True),
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }
        response.content = orjson.dumps(orjson.loads(response.content) | can)
        return response


class LogoutView(LeadsToClients, RPInitiatedLogoutView):
    """Ends the browser's session here and the one token family that the ID token names, on no other device."""

    template_name = "pages/logout.html"

    def get_request_application(self, id_token: Any, client_id: str | None) -> Client | None:
        if "\0" in (client_id or ""):  # nobody's id; PostgreSQL would refuse to look for it
            raise InvalidOIDCClientError
        try:
            application: Client | None = super().get_request_application(id_token, client_id)
        except Client.DoesNotExist:
            raise InvalidOIDCClientError from None
        return application

    def validate_post_logout_redirect_uri(self, application: Client | None, post_logout_redirect_uri: str) -> None:
        """Any path of the registered origins: after a failed refresh the frontend names the page it is on."""
        try:
            super().validate_post_logout_redirect_uri(application, post_logout_redirect_uri)
        except ValueError:  # no address at all
            raise InvalidOIDCRedirectURIError from None
        except InvalidOIDCRedirectURIError:
            if application is None or not _has_registered_origin(application, post_logout_redirect_uri):
                raise

    def do_logout(
        self,
        application: Client | None = None,
        post_logout_redirect_uri: str | None = None,
        state: str | None = None,
        token_user: User | None = None,
    ) -> HttpResponse:
        self._revoke_session()
        response = super().do_logout(application, post_logout_redirect_uri, state, token_user)
        return response if post_logout_redirect_uri else redirect("login")

    def error_response(self, error: OIDCError) -> HttpResponse:
        """An unknown ID token must not prevent a sign-out (second tab, key rotation)."""
        uri = self._parameter("post_logout_redirect_uri")
        if isinstance(error, InvalidIDTokenError) and uri:
            try:
                application, _user = self.validate_logout_request(None, self._parameter("client_id"), uri)
            except OIDCError as second:
                error = second
            else:
                return self.do_logout(application, uri, self._parameter("state"))
        response: HttpResponse = super().error_response(error)
        return response

    def _revoke_session(self) -> None:
        for pem in [oauth2_settings.OIDC_RSA_PRIVATE_KEY, *oauth2_settings.OIDC_RSA_PRIVATE_KEYS_INACTIVE]:
            key = jwt.PyJWK.from_json(jwk_from_pem(pem).export_public(), algorithm="RS256")
            with contextlib.suppress(jwt.InvalidTokenError):
                claims = jwt.decode(
                    self._parameter("id_token_hint"),
                    key,
                    algorithms=["RS256"],
                    issuer=oauth2_settings.OIDC_ISS_ENDPOINT,
                    options={"verify_exp": False, "verify_aud": False, "require": ["sid"]},
                )
                services.end_session(session=claims["sid"])

    def _parameter(self, name: str) -> str:
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        return str(source.get(name, ""))


def _without_resource(parameters: QueryDict) -> Any:
    """All our access tokens have the same audience, so that a wish for another one (RFC 8707) is passed over."""
    if "resource" not in parameters:
        return parameters
    remaining = parameters.copy()
    del remaining["resource"]
    return remaining


def _with_prompt_for_max_age(request: HttpRequest, parameters: QueryDict) -> Any:
    """A sign-in that is older than `max_age` seconds is one more (OpenID Connect Core 3.1.2.1).

    0 is not compared: whoever comes back from the login page would always be too late.
    """
    max_age = parameters.get("max_age", "")
    prompt = parameters.get("prompt", "").split()
    if not MAX_AGE.fullmatch(max_age) or "none" in prompt:
        return parameters
    age = time.time() - request.session.get(SIGNED_IN_AT, 0)
    if request.user.is_authenticated and int(max_age) > 0 and age <= int(max_age):
        return parameters
    asking = parameters.copy()
    del asking["max_age"]
    asking["prompt"] = "login"
    return asking


def _origins_of_clients() -> list[str]:
    registered = Client.objects.values_list("redirect_uris", "post_logout_redirect_uris")
    uris = [urlsplit(uri) for client in registered for uri in " ".join(client).split()]
    return sorted({f"{uri.scheme}://{_any_port(uri)}" for uri in uris})


def _any_port(uri: SplitResult) -> str:
    """A native program waits at a loopback port of its choice (RFC 8252 7.3), as the toolkit allows."""
    return f"{uri.hostname}:*" if (uri.scheme, uri.hostname) == ("http", "127.0.0.1") else uri.netloc


def _has_registered_origin(application: Client, uri: str) -> bool:
    origins = {urlsplit(registered)[:2] for registered in application.post_logout_redirect_uris.split()}
    parts = urlsplit(uri)
    # The second check is Django's against addresses that browsers and urlsplit() read differently.
    return parts[:2] in origins and url_has_allowed_host_and_scheme(uri, {parts.netloc})
