"""A compliance officer with a program, and what the program reads."""

from typing import Any

from django.contrib.auth.models import Permission

from integrations.webex import ids
from tests import factories
from tests.api import SCOPES, Api, token
from users.models import User
from users.provider.scopes import EVENTS_READ

PATH = "/webex/v1/events"


def officer(name: str = "olga", **fields: Any) -> User:
    """Staff with the right to read the log."""
    person = factories.user(name, is_staff=True, **fields)
    person.user_permissions.add(Permission.objects.get(codename="view_compliance"))
    return User.objects.get(pk=person.pk)


def program(person: User, *scopes: str) -> Api:
    """What calls for the person, with the scope of events unless others are named."""
    return Api(authorization=f"Bearer {token_of(person, *scopes)}")


def token_of(person: User, *scopes: str) -> str:
    return token(person, scopes=[*SCOPES, *(scopes or [EVENTS_READ])])


def items(api: Api, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(PATH, **query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["items"])


def pairs(found: list[dict[str, Any]]) -> list[str]:
    return [f"{one['resource']}/{one['type']}" for one in found]


def person_id(person: User) -> str:
    return ids.written(ids.PERSON, person.pk)


def next_page(answer: Any) -> str | None:
    """The address in `<…>; rel="next"`, without the host."""
    link: str = answer.get("Link", "")
    if not link:
        return None
    assert link.endswith('>; rel="next"')
    return link[1:].partition(">")[0].removeprefix("http://testserver")
