"""A program that uses the API: real tokens, and every answer is held against the published OpenAPI document."""

import json
import re
from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from jsonschema import Draft202012Validator, FormatChecker

from rest.docs import document
from users.models import User
from users.provider.tokens import access_token

SCOPES = ("openid", "profile", "email")


def token(user: User, *, lifetime: int = 300, scopes: Sequence[str] = SCOPES) -> str:
    """An access token of the embedded provider, as its token endpoint would issue it."""
    request = SimpleNamespace(
        client=SimpleNamespace(client_id="Frontend"),
        user=user,
        scopes=list(scopes),
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
    """Whether the document has this status for the operation, and the body the shape and the error's code it says."""
    route = re.sub(r"<\w+:(\w+)>", r"{\1}", resolve(path.partition("?")[0]).route)
    operation = operations().get((method, f"/{route}"))
    if operation is None or answer.status_code in {405, 500}:
        return
    status = str(answer.status_code)
    assert status in operation["responses"], f"{method} {path} answers {status}"
    kinds = operation["responses"][status].get("content", {})
    if "application/json" in kinds:
        _validator(method, f"/{route}", status).validate(answer.json())
        if status >= "400":
            assert answer.json()["code"] in kinds["application/json"]["examples"], f"{method} {path} {answer.json()}"
    else:
        said = {"*/*", answer.headers.get("Content-Type", "")}
        assert said & {*kinds} or not answer.content, f"{method} {path} answers a body with {status}"


@cache
def _validator(method: str, path: str, status: str) -> Draft202012Validator:
    """Kept, because it resolves the document's references anew each time it is made."""
    return schema_validator(operations()[method, path]["responses"][status]["content"]["application/json"]["schema"])


def schema_validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": api_document()["components"]}, format_checker=FormatChecker())


@cache
def api_document() -> dict[str, Any]:
    """Past the site's own cache, which would keep how people sign in under the settings of one test."""
    return orjson.loads(document.__wrapped__())


@cache
def operations() -> dict[tuple[str, str], Any]:
    """The document's, by method and path; answers that it only refers to are put in."""
    described = {
        (method.upper(), path): operation
        for path, methods in api_document()["paths"].items()
        for method, operation in methods.items()
    }
    for operation in described.values():
        operation["responses"] = {status: _resolved(answer) for status, answer in operation["responses"].items()}
    return described


def _resolved(answer: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in answer:
        return answer
    found: dict[str, Any] = api_document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return found
