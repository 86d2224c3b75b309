"""The second step of signing in: the code of an app, and the page on which staff set one up."""

import time
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activity.actors import Actor
from database.encryption import decrypted, encrypted
from rest.client import client_address
from rest.errors import TooManyRequests
from users import guard, second_factor
from users.models import User
from users.staff_sign_in import CODE, PASSED, onward, sign_in

# In the session: who has typed the password, and where to after the second step; the key that is being set up.
PENDING, NEW_KEY = "second_factor_pending", "second_factor_key"
PENDING_SECONDS = 600


class CodeForm(forms.Form):
    """`check` says whether the code is right; each try counts as one of a password."""

    code = forms.CharField(label=_("Code"), max_length=40)

    def __init__(self, user: User, address: str, check: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.who, self.address, self.check = user, address, check
        self.wait_seconds = 0

    def clean_code(self) -> str:
        code, name = str(self.cleaned_data["code"]), guard.second_step_of(self.who)
        try:
            guard.count_try(name=name, address=self.address)
        except TooManyRequests as error:
            self.wait_seconds = max(2, error.wait)
            told = _("Too many wrong codes. You can try again in %(seconds)d seconds.")
            raise ValidationError(told, params={"seconds": self.wait_seconds}) from None
        if not self.check(code):
            raise ValidationError(_("This code is not valid, or was used already."))
        guard.forget_tries(name=name, address=self.address)
        return code


def is_wanted(user: User) -> bool:
    """Of whom the second step is asked after the password."""
    return user.is_staff and (second_factor.is_needed(user) or second_factor.is_set(user))


def ask_for_it(request: HttpRequest, user: User, next_page: str) -> HttpResponse:
    """The password was right; nobody is signed in so far."""
    request.session.cycle_key()
    request.session[PENDING] = {"user": str(user.pk), "at": time.time(), "next": next_page}
    return redirect("second-factor" if second_factor.is_set(user) else "second-factor-set-up")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    user = _pending(request)
    if user is None:
        return redirect("login")
    form = _form(request, user, lambda code: second_factor.opens(user=user, code=code))
    if form.is_valid():
        return redirect(_complete(request, user))
    return _answer(request, "pages/second_factor.html", form, {"user_name": str(user)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_page(request: HttpRequest) -> HttpResponse:
    """For who has just typed the password and needs one, and for staff who are signed in and want one."""
    pending = _pending(request)
    user: Any = pending or request.user
    if not user.is_authenticated or not user.is_staff:
        return redirect("login")
    if pending is None and second_factor.is_set(user):
        return redirect("second-factor-remove")
    key = _new_key(request)
    found: list[int] = []

    def check(code: str) -> bool:
        step = second_factor.step_of(key, "".join(code.split()))
        found[:] = [step] if step else []
        return bool(found)

    form = _form(request, user, check)
    if form.is_valid():
        codes = second_factor.set_factor(user=user, key=key, step=found[0], actor=Actor.by_page(user))
        del request.session[NEW_KEY]
        request.session[PASSED] = True
        way = _complete(request, user) if pending else settings.LOGIN_REDIRECT_URL
        return render(request, "pages/recovery_codes.html", {"codes": codes, "onward": way})
    picture = segno.make(second_factor.address_of(key, user), error="m")
    shown = {
        "picture": picture.svg_inline(scale=5, border=4, dark="#000000", light="#ffffff", omitsize=False),
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        "is_needed": second_factor.is_needed(user),
    }
    return _answer(request, "pages/second_factor_set_up.html", form, shown)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_page(request: HttpRequest) -> HttpResponse:
    """Who wants another one removes the old one first: a browser that somebody left open gives nothing away."""
    user: Any = request.user
    if not second_factor.is_set(user):
        return redirect("second-factor-set-up")
    form = _form(request, user, lambda code: second_factor.opens(user=user, code=code))
    if form.is_valid():
        second_factor.remove_factor(user=user, actor=Actor.by_page(user))
        return redirect("second-factor-set-up")
    return _answer(request, "pages/second_factor_remove.html", form, {})


def _form(request: HttpRequest, user: User, check: Any) -> CodeForm:
    return CodeForm(user, client_address(request), check, request.POST or None)


def _answer(request: HttpRequest, template: str, form: CodeForm, values: dict[str, Any]) -> HttpResponse:
    response = render(request, template, values | {"form": form})
    if form.wait_seconds:
        response.status_code = 429
        response["Retry-After"] = str(form.wait_seconds)
    return response


def _pending(request: HttpRequest) -> User | None:
    """Who has typed the password a short while ago."""
    waiting = request.session.get(PENDING)
    if not waiting or time.time() - waiting["at"] > PENDING_SECONDS:
        return None
    user: User | None = User.objects.filter(pk=waiting["user"], disabled_since=None).first()
    return user


def _complete(request: HttpRequest, user: User) -> str:
    """Signs in; returns where the way leads."""
    wanted = str(request.session.pop(PENDING)["next"])
    sign_in(request, user, how=CODE)
    return onward(request, wanted)


def _new_key(request: HttpRequest) -> str:
    """Kept while the page is open, encrypted as it will be stored."""
    if NEW_KEY not in request.session:
        request.session[NEW_KEY] = encrypted(second_factor.new_key(), purpose=second_factor.PURPOSE)
    return decrypted(request.session[NEW_KEY], purpose=second_factor.PURPOSE)
