"""The page that asks before a change (staff/effects.py), as a browser goes through it."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from staff.effects import DIGEST


class _Fields(HTMLParser):
    """The fields of the page's form, by name; and the digest of its button."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inputs: dict[str, list[str]] = {}
        self.digest = ""
        self._is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = found.get("id") == "effects_form"
        elif self._is_inside and tag == "input":
            self.inputs.setdefault(found["name"], []).append(found["value"])
        elif self._is_inside and tag == "button" and found.get("name") == DIGEST:
            self.digest = found["value"]


def answer_of(page: Any) -> dict[str, list[str]]:
    """What the page sends when it is confirmed."""
    fields = _Fields(page.content.decode())
    assert fields.digest, "The page asks nothing"
    return fields.inputs | {DIGEST: [fields.digest]}


def ask(client: Client, path: str, values: Any) -> Any:
    """The page that asks before what these values do."""
    page = client.post(path, values)
    assert page.status_code == 200, page
    answer_of(page)
    return page


def confirmed(client: Client, path: str, values: Any, **how: Any) -> Any:
    """What is answered after the page was confirmed."""
    return client.post(path, answer_of(ask(client, path, values)), **how)


def saved(client: Client, path: str, values: Any, **how: Any) -> Any:
    """`confirmed` where the page asks, else what is answered at once."""
    answer = client.post(path, values, **how)
    asks = not answer.streaming and b"effects_form" in answer.content
    return client.post(path, answer_of(answer), **how) if asks else answer
