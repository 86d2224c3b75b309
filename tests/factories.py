"""People and meetings for tests, made by the services that make them in production."""

import itertools
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from activity.actors import Actor
from events.models import Event
from events.schedule import Schedule
from events.services.events import create_event
from users.models import Tariff, Tenant, User

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


def tenant(name: str = "OpenTalkDefaultTenant") -> Tenant:
    return Tenant.objects.get_or_create(external_id=name)[0]


def user(name: str = "", *, registered: bool = True, **fields: Any) -> User:
    """Somebody called `name`; unregistered is an account that never used the API."""
    return users(name or f"person{next(_numbers)}", registered=registered, **fields)[0]


def users(*names: str, registered: bool = True, **fields: Any) -> list[User]:
    """All of them at once, which costs little more than one."""
    fields["tenant"] = fields.get("tenant") or tenant()
    fields["tariff"] = fields.get("tariff") or Tariff.objects.get_or_create(name="OpenTalkDefaultTariff")[0]
    return User.objects.bulk_create([_person(name, registered=registered, **fields) for name in names])


def _person(name: str, *, registered: bool, **fields: Any) -> User:
    person = User(
        username=name,
        password=_password(),
        **{
            "email": f"{name}@example.com",
            "first_name": name.title(),
            "last_name": "Example",
            "display_name": f"{name.title()} Example",
            "language": "en-US",
        }
        | fields,
    )
    if registered:
        person.oidc_sub = str(person.pk)
    person.search_text = person.searched()
    return person


@cache
def _password() -> str:
    return make_password(PASSWORD)


def staff(name: str = "admin") -> User:
    return user(name, is_staff=True, is_superuser=True)


def schedule(**fields: Any) -> Schedule:
    """Mondays from 23 November 2026, 10 to 11 in Berlin."""
    values: dict[str, Any] = {
        "is_all_day": False,
        "starts_at": datetime(2026, 11, 23, 9, tzinfo=UTC),
        "starts_at_zone": "Europe/Berlin",
        "ends_at": datetime(2026, 11, 23, 10, tzinfo=UTC),
        "ends_at_zone": "Europe/Berlin",
        "pattern": (),
    }
    return Schedule(**values | fields)


def event(creator: User, **fields: Any) -> Event:
    values: dict[str, Any] = {"title": "Team meeting", "schedule": schedule(), "suppress_mail": True} | fields
    return create_event(creator=creator, actor=Actor.by_api(creator), **values)


WEEKLY: dict[str, Any] = {
    "title": "Team meeting",
    "description": "What we did, what we do",
    "is_time_independent": False,
    "is_all_day": False,
    "starts_at": {"datetime": "2026-11-23T10:00:00+01:00", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-11-23T11:00:00+01:00", "timezone": "Europe/Berlin"},
    "recurrence_pattern": ["RRULE:FREQ=WEEKLY"],
}
STREAM: dict[str, Any] = {
    "name": "Video site",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.example.org/app",
    "streaming_key": "s3cr3t",
    "public_url": "https://video.example.org/42",
}
