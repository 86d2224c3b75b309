"""People from a file: accounts of the embedded provider. The columns are those of the export of people."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import get_supported_language_variant, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from calendars.addresses import canonical, spellings
from calendars.times import is_zone
from imports.fields import AddressField
from imports.kinds import Field, Finding, Findings, ImportKind, Line, Problem, State, outcome, register
from site_settings.values import present
from staff.effects import Effect
from staff.tenancy import only_tenant
from users import services
from users.addresses import hold_addresses
from users.models import Tariff, User


class LanguageField(forms.CharField):
    def clean(self, value: Any) -> str:
        tag: str = super().clean(value).replace("_", "-")
        try:
            get_supported_language_variant(tag or present("DEFAULT_USER_LANGUAGE"))
        except LookupError:
            raise ValidationError(_("This site has no such language.")) from None
        return tag


def _zone(text: str) -> None:
    if not is_zone(text):
        raise ValidationError(_("There is no such time zone; they are called as in Europe/Berlin."))


def _text(most: int = 255, **how: Any) -> forms.CharField:
    return forms.CharField(required=False, max_length=most, **how)


@register
class UserImport(ImportKind):
    name = "users"
    title = _("Import people")
    label = _("people")
    right = "users.add_user"
    target = "admin:users_user_change"
    fields = (
        Field(
            "email", ("E-mail address", "Mail", "E-Mail-Adresse", "Adresse", "Adresse e-mail", "Courriel"), True,
            check=AddressField(), example="bob@example.com",
        ),
        Field("username", ("User name", "Login", "Benutzername", "Anmeldename", "Nom d’utilisateur"), check=_text(),
              example="bob"),
        Field("title", ("Titel", "Titre"), check=_text(), example="Dr."),
        Field("first_name", ("Given name", "Vorname", "Prénom"), check=_text(), example="Bob"),
        Field("last_name", ("Surname", "Family name", "Nachname", "Familienname", "Nom", "Nom de famille"),
              check=_text(), example="Example"),
        Field("display_name", ("Name", "Full name", "Anzeigename", "Nom affiché"), check=_text(),
              example="Bob Example"),
        Field("language", ("Sprache", "Langue"), check=LanguageField(required=False, max_length=35), example="de"),
        Field("time_zone", ("Zone", "Zeitzone", "Fuseau horaire"), check=_text(64, validators=[_zone]),
              example="Europe/Berlin"),
        Field("phone", ("Phone number", "Telefon", "Telefonnummer", "Téléphone"), check=_text(32),
              example="+493012345678"),
        Field("tariff", ("Tarif",), check=_text()),
        Field("tenant", ("Mandant", "Organisation"), check=_text()),
    )  # fmt: skip

    @classmethod
    def is_open(cls) -> bool:
        """Another provider makes the accounts itself, at the first sign-in, and would not find ours."""
        return bool(settings.OIDC_IS_EMBEDDED)

    @classmethod
    def fields_for(cls, user: Any) -> Sequence[Field]:
        """A tariff is not for who sees one tenant, as on the person's page."""
        return [field for field in cls.fields if field.name != "tariff" or only_tenant(user) is None]

    def key(self, values: dict[str, Any]) -> str:
        return str(values["email"])

    def check(self, lines: Sequence[Line], prepared: Any) -> Findings:
        look = _Look(self, lines)
        return Findings([look.at(line) for line in lines])

    def carry_out(self, lines: Sequence[Line], prepared: Any, actor: Actor) -> Findings:
        hold_addresses(self.job.tenant_id, [line.values["email"] for line in lines])
        look = _Look(self, lines)
        found = [look.at(line) for line in lines]
        made = {
            line.row.pk: self._person(line.values, look.tariffs)
            for line, finding in zip(lines, found, strict=True)
            if finding.state == State.NEW
        }
        services.create_accounts(users=list(made.values()), actor=actor)
        return outcome(lines, found, made)

    def _person(self, values: dict[str, Any], tariffs: dict[str, Tariff]) -> User:
        own = {name: values[name] for name in ("email", "title", "first_name", "last_name", "display_name", "phone")}
        person = User(
            tenant=self.job.tenant,
            username=values["username"] or str(uuid.uuid4()),  # as of people who sign in without an account
            language=values["language"] or present("DEFAULT_USER_LANGUAGE"),
            time_zone=values["time_zone"],
            tariff=tariffs.get(values["tariff"]),
            **own,
        )
        person.set_unusable_password()
        return person

    def effect(self, new: int) -> Effect:
        made = ngettext("%(count)d account is made.", "%(count)d accounts are made.", new) % {"count": new}
        return Effect(
            lines=[
                made,
                gettext("People who exist already stay as they are."),
                gettext("Nobody is mailed. People can sign in as soon as a password is set on their page."),
            ]
        )


class _Look:
    """What the database has of a batch of people, in constant statements."""

    def __init__(self, kind: UserImport, lines: Sequence[Line]) -> None:
        self.tenant = kind.job.tenant
        emails = {spelling for line in lines for spelling in spellings(line.values["email"])}
        names = {line.values["username"] for line in lines} - {""}
        tariffs = {line.values["tariff"] for line in lines} - {""}
        people = User.objects.filter(tenant=self.tenant, email__in=emails).values_list("email", "pk")
        self.people = {canonical(email): pk for email, pk in people}
        self.taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        self.taken |= self._in_the_list(kind, lines, names)
        self.tariffs = {tariff.name: tariff for tariff in Tariff.objects.filter(name__in=tariffs)}

    def _in_the_list(self, kind: UserImport, lines: Sequence[Line], names: set[str]) -> set[str]:
        """Names that earlier rows ask for."""
        if not names:
            return set()
        before = Q(number__lt=lines[0].row.number, state=State.NEW, cells__username__in=names)
        return set(kind.job.rows.filter(before).values_list("cells__username", flat=True))

    def at(self, line: Line) -> Finding:
        values = line.values
        if values["email"] in self.people:
            return Finding(State.EXISTS, object_id=self.people[values["email"]])
        if problems := self._problems(values):
            return Finding(State.ERROR, problems)
        self.taken |= {values["username"]} - {""}
        return Finding(State.NEW)

    def _problems(self, values: dict[str, Any]) -> list[Problem]:
        name, tenant, found = values["username"], values["tenant"], []
        if name in self.taken:
            found.append(("username", gettext("Somebody else has this user name.")))
        if "@" in name and canonical(name) != values["email"]:
            # Who signs in with an address would find this account instead of the own one.
            found.append(("username", gettext("An address as a user name must be the person's own.")))
        if values["tariff"] and values["tariff"] not in self.tariffs:
            found.append(("tariff", gettext("There is no such tariff.")))
        if tenant and self.tenant and tenant != self.tenant.external_id:
            text = gettext("The list is for the tenant %(tenant)s.")
            found.append(("tenant", text % {"tenant": self.tenant.external_id}))
        return found
