"""What the API answers a person, asked by staff: the real views with the person as caller, and only to read.

No token is made. What would write is refused at the database's door, whatever a view does.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from django.db import connection
from django.http import HttpRequest, QueryDict
from django.urls import resolve
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from users import access
from users.models import User

CURSOR = re.compile(r"[?&]after=([\w-]+)")
# Stands in the place of what opens a door, which no page of the admin shows.
HIDDEN = "•••"
# Members that do, by name; of the whole object where no members are named.
SECRETS: dict[str, tuple[str, ...]] = {
    "password": (),
    "streaming_key": (),
    "call_in": ("id", "password"),
    "shared_folder": (),
}

# Statements that change nothing: a transaction may begin and end, and Django opens one to learn what a database can do.
HARMLESS = {"SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK"}


class WriteRefused(Exception):
    """A view wanted to change something while staff looked through it."""


class Answer(NamedTuple):
    """One answer of the API; `after` is the cursor of the next page, "" on the last."""

    url: str
    status: int
    body: Any
    after: str

    @property
    def as_json(self) -> str:
        return orjson.dumps(self.body, option=orjson.OPT_INDENT_2).decode()


class SeenAs(BaseAuthentication):
    """In the place of a token."""

    def __init__(self, user: User) -> None:
        self.user = user

    def authenticate(self, request: Request) -> tuple[User, dict[str, Any]]:
        return self.user, {}


def caller(user: User) -> User | None:
    """The person as the API finds them by a token; None for whom it refuses, or has never seen."""
    if user.oidc_sub is None or not user.is_active:
        return None
    return access.signed_in(sub=user.oidc_sub, tenant=user.tenant.external_id)


def ask(path: str, *, user: User, **query: Any) -> Answer:
    """GET of the API's `path` as that person, who comes from `caller`; without secrets. Raises WriteRefused."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.META = {"REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost"}
    given = {name: str(value) for name, value in query.items() if value}
    query_string = urlencode(given, safe=":")
    request.GET = QueryDict(query_string)
    found: Any = resolve(path)
    view = found.func.cls.as_view(**found.func.initkwargs, authentication_classes=[partial(SeenAs, user)])
    with connection.execute_wrapper(_only_reads):
        response = view(request, *found.args, **found.kwargs).render()
    body = orjson.loads(response.content)
    return Answer(
        url=f"{path}?{query_string}" if given else path,
        status=response.status_code,
        body=without_secrets(body),
        after=_after(response.get("Link", "")),
    )


def _only_reads(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    command = sql.split(maxsplit=1)[0].upper()
    if command not in HARMLESS:
        raise WriteRefused(command)
    return execute(sql, params, many, context)


def without_secrets(body: Any) -> Any:
    """The same answer with HIDDEN for each of SECRETS that it has."""
    if isinstance(body, list):
        return [without_secrets(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {name: _hidden(name, value) if name in SECRETS else without_secrets(value) for name, value in body.items()}


def _hidden(name: str, value: Any) -> Any:
    members = SECRETS[name]
    return value | dict.fromkeys(members, HIDDEN) if members else HIDDEN


def _after(link: str) -> str:
    """The cursor in `<https://…?after=…>; rel="after"`."""
    found = CURSOR.search(link)
    return found[1] if found else ""
