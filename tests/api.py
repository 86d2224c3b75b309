"""A program that uses the API: real tokens, and every answer is held against the published OpenAPI document."""

import json
import re
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

    def put(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.request("PUT", path, body, query=query)

    def patch(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.request("PATCH", path, body, query=query)

    def delete(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.request("DELETE", path, body, query=query)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **environ: Any,
    ) -> HttpResponse:
        """No body means none at all, with no content type: the frontend sends PATCH and PUT like that.

        Bytes are sent as a file.
        """
        headers = (headers or {}) | ({"Authorization": self.authorization} if self.authorization else {})
        if isinstance(body, bytes):
            environ = {"data": body, "content_type": "application/octet-stream"} | environ
        elif body is not None:
            environ = {"data": json.dumps(body), "content_type": "application/json"} | environ
        answer = self.client.generic(method, path, query_params=query or {}, headers=headers, **environ)
        check_against_document(method, path, answer)
        return answer


def check_against_document(method: str, path: str, answer: HttpResponse) -> None:
    """Whether the document has this status for the operation, and the body the shape it promises."""
    route = re.sub(r"<\w+:", "<", resolve(path.partition("?")[0]).route)
    operation = _operations().get((method, route))
    if operation is None or answer.status_code in {405, 500}:
        return
    assert str(answer.status_code) in operation["responses"], f"{method} {path} answers {answer.status_code}"
    kinds = _content(method, route, str(answer.status_code))
    if "application/json" in kinds:
        _validator(method, route, str(answer.status_code)).validate(answer.json())
    else:
        assert "*/*" in kinds or not answer.content, f"{method} {path} answers a body with {answer.status_code}"


def _content(method: str, route: str, status: str) -> dict[str, Any]:
    """What the document says of the body, by its type; {}: there is none."""
    described = _operations()[method, route]["responses"][status]
    if "$ref" in described:
        described = _document()["components"]["responses"][described["$ref"].rpartition("/")[2]]
    return described.get("content", {})


@cache
def _validator(method: str, route: str, status: str) -> Draft202012Validator:
    """Kept, because it resolves the document's references anew each time it is made."""
    schema = _content(method, route, status)["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": _document()["components"]})


@cache
def _document() -> dict[str, Any]:
    """Past the site's own cache, which would keep how people sign in under the settings of one test."""
    return orjson.loads(document.__wrapped__())


@cache
def _operations() -> dict[tuple[str, str], Any]:
    """By method and URL pattern, without the converters' names."""
    return {
        (method.upper(), path.removeprefix("/").replace("{", "<").replace("}", ">")): operation
        for path, operations in _document()["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    }
