"""The people of the demonstration, and an application. One password for all, drawn at the first start, kept in var/."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from activity.actors import Actor
from integrations.cronofy.applications import save_application
from integrations.cronofy.models import Application
from users.models import Tenant, User
from users.oidc.claims import Claims
from users.services import provision_user

TIME_ZONE = "Europe/Berlin"


@dataclass(frozen=True, kw_only=True)
class Person:
    username: str
    last_name: str
    language: str = "en-US"
    has_used_api: bool = False
    is_staff: bool = False

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"

    @property
    def first_name(self) -> str:
        return self.username.title()


PEOPLE = (
    Person(username="alice", last_name="Adams", has_used_api=True),
    Person(username="bob", last_name="Berger", language="de-DE", has_used_api=True),
    Person(username="charlie", last_name="Clark"),
    Person(username="admin", last_name="Staff", is_staff=True),
)


def create_people() -> None:
    """Makes the accounts that are missing; the others stay as they are, with a changed password too."""
    names = [person.username for person in PEOPLE]
    present = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    for person in PEOPLE:
        if person.username not in present:
            _create(person)


def create_application() -> None:
    """One that plans meetings as charlie, to look at in the admin. It has no key until staff create one."""
    planner = User.objects.get(username="charlie")
    if not Application.objects.exists():
        application = Application(name="Recruiting", tenant_id=planner.tenant_id, service_user=planner)
        save_application(application=application, actor=Actor.by_job("setup"), changes={})


def who_can_sign_in() -> tuple[Person, ...]:
    """Nobody where no demonstration was set up."""
    return PEOPLE if settings.OIDC_IS_EMBEDDED and _password_file().exists() else ()


def _password_file() -> Path:
    path: Path = settings.VAR / "demo_password"
    return path


def password() -> str:
    """A well-known one would open the admin of every demonstration that others can reach."""
    path = _password_file()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return str(path.read_text().strip())


@transaction.atomic
def _create(person: Person) -> None:
    tenant, _is_new = Tenant.objects.get_or_create(external_id=settings.TENANT_DEFAULT)
    user = User(
        username=person.username,
        tenant=tenant,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        display_name=f"{person.first_name} {person.last_name}",
        language=person.language,
        time_zone=TIME_ZONE,
        is_staff=person.is_staff,
        is_superuser=person.is_staff,
    )
    user.set_password(password())
    user.save()
    if person.has_used_api:
        provision_user(claims=_claims(user))


def _claims(user: User) -> Claims:
    """What the embedded provider says of the account at its first sign-in."""
    return Claims(
        sub=str(user.pk),
        email=user.email,
        given_name=user.first_name,
        family_name=user.last_name,
        locale=user.language,
        zoneinfo=user.time_zone,
    )
