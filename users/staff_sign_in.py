"""How staff sign in: what a session remembers of it, and what the log has."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from activity.actors import Actor
from activity.audiences import NOBODY, Circle, Place
from activity.log import record
from activity.sign_in_kinds import SignInRefused, UserSignedIn
from users.models import Tenant, User

# In the session: when this browser's person signed in, in seconds since 1970; a second factor was asked for.
SIGNED_IN_AT, PASSED = "signed_in_at", "second_factor"
# The ways, as the log has them.
PASSWORD, CODE, ISSUER = "password", "code", "identity_provider"


@transaction.atomic
def sign_in(request: HttpRequest, user: User, *, how: str, at: float | None = None) -> None:
    """`at` is now where it is left out. Of people who are no staff the log has nothing: they do it all day."""
    login(request, user)
    request.session[SIGNED_IN_AT] = time.time() if at is None else at
    if how != PASSWORD:
        request.session[PASSED] = True
    if user.is_staff:
        own = Circle(owner=user.pk)
        place = Place(tenant_id=user.tenant_id)
        record(UserSignedIn(how=how), actor=Actor.by_page(user), subject=user, place=place, before=own, after=own)


@transaction.atomic
def record_refusal(*, user: User | None, tenant: Tenant, name: str, reason: str) -> None:
    """The identity provider knows the person, and the admin does not open; `name` is what it calls people without an
    account here.
    """
    subject: Any = user or tenant
    own = Circle(owner=user.pk) if user else NOBODY
    record(
        SignInRefused(how=ISSUER, reason=reason),
        actor=Actor.by_page(user, name="" if user else name),
        subject=subject,
        place=Place(tenant_id=tenant.pk),
        before=own,
        after=own,
    )


def onward(request: HttpRequest, wanted: str) -> str:
    """Where the way leads after the sign-in: to no other host."""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else str(settings.LOGIN_REDIRECT_URL)
