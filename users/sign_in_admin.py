"""How somebody signs in, for staff: wrong passwords that count, the second factor; what staff can do about them."""

import uuid
from typing import Any

from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from activity.actors import Actor
from users import guard, second_factor
from users.models import User
from users.sign_in_models import SecondFactor


class SignInAdmin(DjangoUserAdmin):  # type: ignore[type-arg] # takes none while the program runs
    """The part of the people's admin that is about signing in."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.sign_in_view))
        return [path("<uuid:id>/sign-in/", view, name="users_user_sign_in"), *super().get_urls()]

    def sign_in_view(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - as in Django's own path
        person: User = get_object_or_404(self.get_queryset(request), pk=id)
        if not self.has_view_permission(request, person):
            raise PermissionDenied
        may_change = self.has_change_permission(request, person)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            self._do(request, person)
            return redirect("admin:users_user_sign_in", person.pk)
        now = timezone.now()
        factor = SecondFactor.objects.filter(pk=person.pk).first()
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": person,
            "title": gettext("Sign-in of %(who)s") % {"who": person},
            "has_password": person.has_usable_password(),
            "tries": [(row, guard.waits_until(row)) for row in guard.tries_of(person)],
            "now": now,
            "factor": factor,
            "codes_left": factor.recovery_codes.count() if factor else 0,
            "is_needed": second_factor.is_needed(person),
            "may_change": may_change,
            "is_own": person == request.user,
        }
        return TemplateResponse(request, "admin/users/user/sign_in.html", context)

    def _do(self, request: HttpRequest, person: User) -> None:
        actor = Actor.by_admin(request.user)
        if "remove" in request.POST:
            if second_factor.remove_factor(user=person, actor=actor):
                self.message_user(request, gettext("The second factor was removed."), SUCCESS)
            return
        count = guard.lift(user=person, actor=actor)
        text = ngettext(
            "Nobody has to wait: %(count)d wrong try no longer counts.",
            "Nobody has to wait: %(count)d wrong tries no longer count.",
            count,
        )
        self.message_user(request, text % {"count": count}, SUCCESS if count else WARNING)
