"""Staff see what a change does before it happens, and confirm exactly that.

A view makes the change inside a transaction, measures what it did, and calls `confirm` with that. Without a yes to this
very effect, the exception undoes everything, and StaffSite answers with the page that asks. So nothing can differ
between what is shown and what is done, and nobody has to write a change twice.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

DIGEST, BACK, NEXT = "_effect", "_back", "_next"
NOT_CARRIED = {"csrfmiddlewaretoken", DIGEST, BACK}


@dataclass(frozen=True)
class Part:
    """A table, or a list where there is no `head`. The page shows the first rows and counts the others."""

    heading: str
    rows: Sequence[Sequence[Any]]
    head: Sequence[str] = ()


@dataclass(frozen=True)
class Effect:
    """`warnings` and `lines` are sentences. `facts` are not shown, but a yes counts only while they are the same."""

    lines: Sequence[str] = ()
    parts: Sequence[Part] = ()
    warnings: Sequence[str] = ()
    facts: Any = None

    @property
    def digest(self) -> str:
        shown = [self.lines, self.warnings, [(part.heading, part.rows, part.head) for part in self.parts]]
        return hashlib.sha256(json.dumps([shown, self.facts], default=str).encode()).hexdigest()


class Unconfirmed(Exception):
    """Undoes the change on its way out of the transaction; carries the page's values."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__("Not confirmed yet")
        self.values = values


def confirm(
    request: HttpRequest,
    effect: Effect,
    *,
    title: str,
    opts: Any = None,
    original: Model | None = None,
    back: str = "",
) -> None:
    """Goes on where this effect was confirmed, else raises Unconfirmed. To be called before the transaction ends.

    The request is a POST without files, which is repeated to confirm. `opts` and `original` are for the breadcrumbs.
    `back` is the page before; without it, the request is repeated with BACK, which shows the form again.
    """
    answer = request.POST.get(DIGEST)
    if answer == effect.digest:
        return
    raise Unconfirmed(
        {
            "title": title,
            "effect": effect,
            "opts": opts,
            "original": original,
            "back": back,
            "has_changed": answer is not None,
        }
    )


def goes_back(request: HttpRequest) -> bool:
    """Whether the person came back from the page, to a form that is to be shown as it was filled in."""
    return BACK in request.POST


def next_page(request: HttpRequest) -> str:
    """Where an action leads that was begun on another page than its own list; "" where that is not said."""
    page = request.POST.get(NEXT, "")
    is_own = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_own else ""


def asking(view: Callable[..., HttpResponse], each_context: Callable[[HttpRequest], dict[str, Any]]) -> Any:
    """The view, with the page that asks where it raises Unconfirmed."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Unconfirmed as question:
            carried = [
                (name, value) for name, values in request.POST.lists() if name not in NOT_CARRIED for value in values
            ]
            context = each_context(request) | question.values | {"carried": carried, "BACK": BACK, "DIGEST": DIGEST}
            return TemplateResponse(request, "admin/_effects.html", context)

    return asked
