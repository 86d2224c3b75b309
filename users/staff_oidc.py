"""Staff sign in to the admin at the identity provider of OIDC_ISSUER, beside the password; and sign out there."""

import secrets
import time
from typing import NamedTuple

import orjson
from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from database.encryption import Undecryptable, decrypted, encrypted
from users.models import Tenant, User
from users.oidc import code_flow
from users.oidc.code_flow import Arrival, Attempt, Refused
from users.staff_sign_in import ISSUER, onward, record_refusal, sign_in

# In the session: sign-ins that have begun, by the key in their `state`; the ID token that came of one.
BEGUN, ID_TOKEN = "staff_oidc", "staff_oidc_token"
# Windows of one browser that are at the provider at the same time.
MOST_BEGUN = 5
BEGUN_SECONDS = 600
LONGEST_NEXT = 1000
PURPOSE = "state of a sign-in"


class Told(NamedTuple):
    """What the page says about a refusal. None is a 5xx: the site works."""

    status: int
    title: str | Promise
    text: str | Promise


REFUSALS = {
    "stale": Told(
        400,
        _("This sign-in is no longer valid"),
        _("It was begun more than ten minutes ago or in another browser, or it was used already."),
    ),
    "failed": Told(
        400,
        _("The sign-in did not work"),
        _("The answer of %(issuer)s is of no use. If this happens again, tell who runs the site: its log says why."),
    ),
    "unavailable": Told(
        424,
        _("%(issuer)s does not answer"),
        _("Try again in a few minutes, or sign in with a password if you have one here."),
    ),
    "denied": Told(
        403, _("%(issuer)s did not sign you in"), _("You cancelled the sign-in, or are not allowed to use it.")
    ),
    "weak": Told(
        403,
        _("%(issuer)s did not ask for a second factor"),
        _("The admin opens only with one. Set it up there, then sign in again."),
    ),
    "unknown": Told(
        403,
        _("You have no account here"),
        _(
            "At %(issuer)s you are %(name)s, whom nobody here knows so far. Sign in to the meetings once, then ask an "
            "administrator of this site for a role in the admin."
        ),
    ),
    "not_staff": Told(
        403,
        _("You may not use the admin"),
        _("You are signed in as %(name)s. Ask an administrator of this site to give you a role in the admin."),
    ),
    "disabled": Told(
        403,
        _("Your account here is disabled"),
        _("You are signed in as %(name)s. Ask an administrator of this site if you think that this is a mistake."),
    ),
}
# Who is somebody else there gets a way to say so.
OF_PERSONS = frozenset({"unknown", "not_staff", "disabled"})


@never_cache
@require_GET
def begin_page(request: HttpRequest) -> HttpResponse:
    """Leads to the provider; `next` says where to afterwards, `anew` that it shall ask who it is."""
    _need_client()
    wanted = onward(request, request.GET.get("next", ""))
    wanted = wanted if len(wanted) <= LONGEST_NEXT else settings.LOGIN_REDIRECT_URL
    attempt, key = code_flow.new_attempt(), secrets.token_urlsafe(16)
    # The page's address comes back with the answer even where the session has ended meanwhile, and the provider, which
    # writes logs, cannot read it.
    state = encrypted(orjson.dumps([key, wanted]).decode(), purpose=PURPOSE)
    try:
        url = code_flow.address(attempt, state=state, return_to=_return_address(), is_anew="anew" in request.GET)
    except Refused as refused:
        return _refuse(request, refused.reason, wanted)
    begun = dict(list(request.session.get(BEGUN, {}).items())[1 - MOST_BEGUN :])
    request.session[BEGUN] = begun | {key: [attempt.nonce, attempt.verifier, time.time()]}
    return redirect(url)


@never_cache
@require_GET
def return_page(request: HttpRequest) -> HttpResponse:
    """Where the provider sends the browser back to."""
    _need_client()
    key, wanted = _read(request.GET.get("state", ""))
    attempt = _take(request, key)
    if attempt is None:
        return _refuse(request, "stale", wanted)
    try:
        who = code_flow.arrival(request.GET.dict(), attempt, return_to=_return_address())
    except Refused as refused:
        return _refuse(request, refused.reason, wanted)
    tenant = Tenant.objects.filter(external_id=who.tenant).first()
    user = User.objects.filter(tenant=tenant, oidc_sub=who.sub).first() if tenant else None
    reason = _reason_against(user, who)
    if user is None or reason:
        if tenant is not None:
            record_refusal(user=user, tenant=tenant, name=who.name, reason=reason)
        return _refuse(request, reason, wanted, str(user or who.name))
    # By the earlier of both clocks: a logout that the provider tells of has its time.
    sign_in(request, user, how=ISSUER, at=min(time.time(), who.issued_at))
    request.session[ID_TOKEN] = who.id_token
    return redirect(onward(request, wanted))


@never_cache
def logout_page(request: HttpRequest) -> HttpResponse:
    """The admin's own; who signed in at the provider is signed out there too."""
    token = request.session.get(ID_TOKEN, "")
    response: HttpResponse = admin.site.logout(request)
    url = code_flow.sign_out_address(token, return_to=_address("login")) if token and request.method == "POST" else ""
    if not url:
        return response
    response = render(request, "pages/signed_out.html", {"url": url, "issuer": settings.STAFF_OIDC_NAME})
    # And no redirect: browsers hold those after a form against the `form-action` of the page that it was on.
    response["Refresh"] = f"0; url={iri_to_uri(url)}"
    return response


def _need_client() -> None:
    if not settings.STAFF_OIDC_CLIENT_ID:
        raise Http404


def _return_address() -> str:
    return _address("staff-oidc-return")


def _address(name: str) -> str:
    """As the provider has it registered, whatever host the request names."""
    return f"{settings.BASE_URL}{reverse(name)}"


def _read(state: str) -> tuple[str, str]:
    """The key of a sign-in, and where it was to lead; both "" for a state that is not ours."""
    try:
        key, wanted = orjson.loads(decrypted(state, purpose=PURPOSE))
    except Undecryptable:
        return "", ""
    return key, wanted


def _take(request: HttpRequest, key: str) -> Attempt | None:
    """What this browser began under the key, once."""
    begun = request.session.get(BEGUN, {})
    if key not in begun:
        return None
    nonce, verifier, at = begun.pop(key)
    request.session.modified = True
    return Attempt(nonce, verifier) if time.time() - at <= BEGUN_SECONDS else None


def _reason_against(user: User | None, who: Arrival) -> str:
    if user is None:
        return "unknown"
    if not user.is_active:
        return "disabled"
    if not user.is_staff:
        return "not_staff"
    return "" if code_flow.is_strong(who) else "weak"


def _refuse(request: HttpRequest, reason: str, wanted: str, name: str = "") -> HttpResponse:
    told, named = REFUSALS[reason], {"issuer": settings.STAFF_OIDC_NAME, "name": name}
    context = named | {
        "title": told.title % named,
        "text": told.text % named,
        "next": onward(request, wanted),
        "is_of_person": reason in OF_PERSONS,
        "meetings": settings.FRONTEND_URL if reason == "unknown" and not settings.SERVES_PAGES else "",
    }
    return render(request, "pages/sign_in_refused.html", context, status=told.status)
