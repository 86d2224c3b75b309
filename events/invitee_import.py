"""People who are invited to a meeting from a file or a pasted list. The dry run says what each row would do."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from events.admin_effects import in_words
from events.models import Event
from events.services.dry_run import MailGroup, measured, of_invitations
from events.services.inviting import Guest, Invited, NoGuests, UnknownEmail, invite_all
from imports.fields import AddressField
from imports.kinds import Field, Finding, Findings, ImportKind, Line, State, register
from invites.models import EmailInvite
from rest.errors import ApiError, ServiceUnavailable
from staff.effects import Effect
from staff.tables.pasted import entries
from staff.tables.reading import MOST_ROWS, Row, too_many_rows
from staff.tenancy import visible
from users.directory import Account, accounts_of

GUEST, MODERATOR = EmailInvite.Role.GUEST, EmailInvite.Role.MODERATOR
ROLES = {
    **dict.fromkeys(("guest", "gast", "participant", "user", "teilnehmer", "teilnehmerin", "invité", "invitée"), GUEST),
    **dict.fromkeys(("moderator", "moderatorin", "modérateur", "modératrice"), MODERATOR),
}
REFUSALS: dict[type[ApiError], Any] = {
    UnknownEmail: _("Nobody has this address, and this server invites only people with an account."),
    NoGuests: _("Only people with an account can join this meeting."),
    ServiceUnavailable: _("The directory of accounts does not answer. Try again later."),
}

Prepared = tuple[Event | None, dict[str, Account]]


class RoleField(forms.CharField):
    """ "" for the role that was chosen for all."""

    def clean(self, value: Any) -> str:
        word = super().clean(value).casefold()
        if word and word not in ROLES:
            raise ValidationError(_("The role is participant or moderator."))
        return ROLES.get(word, "")


@register
class InviteeImport(ImportKind):
    name = "invitees"
    title = _("Invite people from a list")
    label = _("invitees")
    right = "events.change_event"
    takes_text = True
    batch_size = 100  # as many addresses as the directory looks up at once
    fields = (
        Field(
            "email", ("E-mail address", "Mail", "E-Mail-Adresse", "Adresse", "Adresse e-mail", "Courriel"), True,
            check=AddressField(), example="bob@example.com",
        ),
        # For whoever reads the list: an account has its own name, and nobody else's is kept.
        Field("name", ("Display name", "Full name", "Anzeigename", "Nom"), example="Bob Example",
              check=forms.CharField(required=False, max_length=1000)),
        Field("role", ("Rolle", "Rôle"), check=RoleField(required=False, max_length=30), example="moderator"),
    )  # fmt: skip

    @classmethod
    def about(cls, user: Any, about_id: uuid.UUID | None) -> Event:
        event: Event | None = visible(user, Event.objects.all(), "tenant_id").filter(pk=about_id).first()
        if event is None:
            raise Http404
        return event

    @classmethod
    def options(cls) -> dict[str, forms.Field]:
        return {
            "role": forms.ChoiceField(
                label=_("role"),
                choices=[(GUEST, _("participant")), (MODERATOR, _("moderator"))],
                help_text=_("Of those whose row says none."),
            )
        }

    @classmethod
    def pasted(cls, text: str) -> Iterator[Row]:
        for number, entry in enumerate(entries(text), start=1):
            if number > MOST_ROWS:
                raise too_many_rows()
            cells = {"email": entry.address or entry.name, "name": entry.name, "role": entry.rest}
            yield Row(number, cells if entry.address else {"email": entry.name})

    def key(self, values: dict[str, Any]) -> str:
        return str(values["email"])

    def prepare(self, lines: Sequence[Line]) -> Prepared:
        event = self._event()
        emails = [line.values["email"] for line in lines]
        return event, accounts_of(event.tenant_id, emails) if event else {}

    def _event(self) -> Event | None:
        """None where it was deleted."""
        return Event.objects.select_related("created_by__tariff").filter(pk__in=[self.job.about_id]).first()

    def check(self, lines: Sequence[Line], prepared: Prepared) -> Findings:
        """Invites them, measures it, and undoes it."""
        event, accounts = prepared
        if event is None:
            return _gone(lines)
        with transaction.atomic():
            effects, invited = measured(lambda: self._invite(event, lines, accounts, self.job.made_by), event=event)
            transaction.set_rollback(True)
        mails = {json.dumps(astuple(group)): count for group, count in effects.mails.items()}
        return Findings([_finding(found, State.NEW) for found in invited], Counter(mails))

    def carry_out(self, lines: Sequence[Line], prepared: Prepared, actor: Actor) -> Findings:
        event, accounts = prepared
        if event is None:
            return _gone(lines)
        return Findings([_finding(found, State.DONE) for found in self._invite(event, lines, accounts, actor.user)])

    def _invite(self, event: Event, lines: Sequence[Line], accounts: dict[str, Account], who: Any) -> list[Invited]:
        guests = [
            Guest(
                address=line.values["email"],
                account=accounts.get(line.values["email"]),
                is_moderator=(line.values["role"] or self.job.options["role"]) == MODERATOR,
            )
            for line in lines
        ]
        return invite_all(event=event, guests=guests, actor=Actor.by_admin(who))

    def effect(self, new: int) -> Effect:
        event = self._event()
        if event is None:
            return Effect(warnings=[gettext("The meeting was deleted.")])
        mails = Counter({MailGroup(*json.loads(name)): count for name, count in self.job.effects.items()})
        told = in_words(of_invitations(event, mails, count=new), event)
        invited = ngettext("%(count)d person is invited.", "%(count)d people are invited.", new) % {"count": new}
        over = [gettext("The meeting is over.")] if event.is_past(timezone.now()) else []
        return replace(told, lines=[invited, *told.lines], warnings=[*over, *told.warnings])


def _finding(found: Invited, new: str) -> Finding:
    if found.refusal:
        return Finding(State.ERROR, [("email", str(REFUSALS[found.refusal]))])
    if found.invite is None:
        return Finding(State.EXISTS, [("", gettext("Plans the meeting."))])
    return Finding(new if found.is_new else State.EXISTS)


def _gone(lines: Sequence[Line]) -> Findings:
    return Findings([Finding(State.ERROR, [("", gettext("The meeting was deleted."))]) for _line in lines])
