"""A program that uses the API: real tokens, and every answer is held against the published OpenAPI document."""

import json
from functools import cache
from types import SimpleNamespace
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from jsonschema import Draft202012Validator

from rest.docs import document
from users.models import User
from users.provider.tokens import access_token


def token(user: User, *, lifetime: int = 300) -> str:
    """An access token of the embedded provider, as its token endpoint would issue it."""
    request = SimpleNamespace(
        client=SimpleNamespace(client_id="Frontend"),
        user=user,
        scopes=["openid", "profile", "email"],
        grant_type="authorization_code",
        expires_in=lifetime,
    )
    return access_token(request)


class Api:
    def __init__(self, user: User | None = None, *, authorization: str = "") -> None:
        self.client = Client()
        self.authorization = authorization or (f"Bearer {token(user)}" if user else "")

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.request("GET", path, query=query)

    def post(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.request("POST", path, body, query=query)

    def patch(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.request("PATCH", path, body, query=query)

    def delete(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.request("DELETE", path, body, query=query)

    def request(self, method: str, path: str, body: Any = None, *, query: dict[str, Any] | None = None) -> HttpResponse:
        """No body means none at all, with no content type: the frontend sends PATCH and PUT like that."""
        headers = {"Authorization": self.authorization} if self.authorization else {}
        extra = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = self.client.generic(method, path, query_params=query or {}, headers=headers, **extra)
        check_against_document(method, path, answer)
        return answer


def check_against_document(method: str, path: str, answer: HttpResponse) -> None:
    """Whether the document has this status for the operation, and the body the shape it promises."""
    route = resolve(path.partition("?")[0]).route.replace("uuid:", "")
    operation = _operations().get((method, route))
    if operation is None or answer.status_code in {405, 500}:
        return
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"{method} {path} answers {answer.status_code}, which the document lacks"
    if "application/json" not in described.get("content", {}):
        assert not answer.content, f"{method} {path} answers a body with {answer.status_code}"
        return
    _validator(method, route, str(answer.status_code)).validate(answer.json())


@cache
def _validator(method: str, route: str, status: str) -> Draft202012Validator:
    """Kept, because it resolves the document's references anew each time it is made."""
    schema = _operations()[method, route]["responses"][status]["content"]["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": _document()["components"]})


@cache
def _document() -> dict[str, Any]:
    return orjson.loads(document())


@cache
def _operations() -> dict[tuple[str, str], Any]:
    """By method and URL pattern, without the converters' names."""
    return {
        (method.upper(), path.removeprefix("/").replace("{", "<").replace("}", ">")): operation
        for path, operations in _document()["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    }
