"""Suppressed addresses for staff: who gets no mail and why, and what to do about it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.messages import WARNING
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars.addresses import canonical, is_mailable, spellings
from mailer.models import OutgoingMail, SuppressedAddress
from mailer.suppression import lift, suppress
from staff.admin import ReadOnlyAdmin
from staff.effects import Effect, Part, confirm, next_page


class SuppressionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SuppressedAddress
        fields = ("address", "detail")

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if not is_mailable(address):
            raise ValidationError(EmailValidator.message, code="invalid")
        return canonical(address)

    def validate_unique(self) -> None:
        """One that was lifted is suppressed once more."""


class SuppressedAddressAdmin(ReadOnlyAdmin):
    form = SuppressionForm
    list_display = ("address", "reason", "since", "lifted_at", "lifted_by")
    list_filter = ("reason", ("lifted_at", admin.EmptyFieldListFilter))
    id_fields = ()
    search_fields = ("address__startswith",)
    ordering = ("-since",)
    show_full_result_count = False
    readonly_fields = ("address", "reason", "detail", "since", "lifted_at", "lifted_by")
    actions = ("lift",)

    def get_fields(self, request: HttpRequest, obj: SuppressedAddress | None = None) -> Any:
        return self.readonly_fields if obj else ("address", "detail")

    def get_readonly_fields(self, request: HttpRequest, obj: SuppressedAddress | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mailer.add_suppressedaddress")

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a suppression; lifting it is the change there is."""
        return request.user.has_perm("mailer.change_suppressedaddress")

    def save_model(self, request: HttpRequest, obj: SuppressedAddress, form: Any, change: bool) -> None:
        reason = SuppressedAddress.Reason.STAFF
        actor = Actor.by_admin(request.user)
        if not suppress(address=obj.address, reason=reason, actor=actor, detail=obj.detail):
            self.message_user(request, gettext("%(address)s was suppressed already") % {"address": obj}, WARNING)
        obj.pk = SuppressedAddress.objects.get(address=obj.address).pk

    @admin.action(description=_("Lift selected suppressions"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[SuppressedAddress]) -> HttpResponse | None:
        with transaction.atomic():
            lifted = [row for row in queryset.order_by("pk") if lift(row=row, actor=Actor.by_admin(request.user))]
            if lifted:
                back = next_page(request) or request.get_full_path()
                confirm(request, _of_lifting(lifted), title=gettext("Lift?"), opts=self.opts, back=back)
        text = ngettext("%(count)d address gets mails again", "%(count)d addresses get mails again", len(lifted))
        self.message_user(request, text % {"count": len(lifted)})
        page = next_page(request)
        return redirect(page) if page else None


def _of_lifting(rows: Sequence[SuppressedAddress]) -> Effect:
    """What was withheld is not sent by this: what it says may be over."""
    withheld = OutgoingMail.objects.filter(
        address__in={spelling for row in rows for spelling in spellings(row.address)},
        state=OutgoingMail.State.WITHHELD,
        withheld_for=OutgoingMail.Withheld.SUPPRESSED,
    ).count()
    text = ngettext(
        "%(count)d mail that was withheld stays unsent; it can be sent again.",
        "%(count)d mails that were withheld stay unsent; they can be sent again.",
        withheld,
    )
    shown = [(row.address, row.get_reason_display(), row.detail[:200]) for row in rows]
    return Effect(
        lines=[gettext("New mails go to these addresses again."), *([text % {"count": withheld}] if withheld else ())],
        parts=[Part(gettext("Addresses"), shown, (gettext("Address"), gettext("Reason"), gettext("Detail")))],
    )
