"""Numbered pages and cursors by themselves (contract 2.6)."""

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from rest.errors import BadRequest
from rest.pagination import Cursor, Page


def request(**query: Any) -> Request:
    return Request(APIRequestFactory().get("/v1/things", query))


def links(page: Page, total: int) -> list[tuple[str, int]]:
    header = page.response([], total).headers.get("Link", "")
    parts = [part.split("; ") for part in header.split(",") if part]
    return [(rel[5:-1], int(url.rsplit("page=", 1)[1].rstrip(">"))) for url, rel in parts]


def test_defaults() -> None:
    page = Page(request())
    assert (page.number, page.per_page, page.start, page.stop) == (1, 30, 0, 30)
    cursor = Cursor(request())
    assert (cursor.per_page, cursor.after) == (30, None)


@pytest.mark.parametrize(
    ("number", "total", "expected"),
    [
        (1, 0, []),
        (1, 10, []),
        (1, 11, [("next", 2), ("last", 2)]),
        (2, 11, [("first", 1), ("prev", 1)]),
        (2, 21, [("first", 1), ("prev", 1), ("next", 3), ("last", 3)]),
        (9, 11, [("first", 1), ("prev", 2)]),
        (2, 0, [("first", 1), ("prev", 1)]),
    ],
)
def test_links_lead_only_where_something_is(number: int, total: int, expected: list[tuple[str, int]]) -> None:
    assert links(Page(request(page=number, per_page=10)), total) == expected


def test_links_are_absolute_and_encoded() -> None:
    raw = APIRequestFactory().get("/v1/things?page=1&q=a%20b%26c&empty=&q=%C3%A4%2B")
    header = Page(Request(raw)).response([], 31).headers["Link"]
    url = "http://testserver/v1/things?q=a+b%26c&empty=&q=%C3%A4%2B&page=2"
    assert header == f'<{url}>; rel="next",<{url}>; rel="last"'


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "x", "1_0", "+1", " 1", "٣", "9" * 30, "1e2", "null", "\0"])
def test_numbered_pages_refuse_what_is_out_of_range(name: str, text: str) -> None:
    with pytest.raises(BadRequest):
        Page(request(**{name: text}))


def test_per_page_has_a_most() -> None:
    assert Page(request(per_page=100)).per_page == 100
    with pytest.raises(BadRequest):
        Page(request(per_page=101))


@pytest.mark.parametrize(("text", "taken"), [("0", 1), ("-7", 1), ("100", 100), ("101", 100), ("9" * 18, 100)])
def test_cursors_clamp(text: str, taken: int) -> None:
    assert Cursor(request(per_page=text)).per_page == taken


def test_cursors_refuse_what_is_no_number() -> None:
    for text in ("", "x"):
        with pytest.raises(BadRequest):
            Cursor(request(per_page=text))


def test_cursor_comes_back_as_it_went() -> None:
    key = ["2026-11-23T09:00:00+00:00", "ü", "x" * 10]
    header = Cursor(request(per_page=5)).response([], after=key).headers["Link"]
    assert header.endswith('>; rel="after"')
    text = header.split("after=")[1].split(">")[0]
    assert "=" not in text
    assert Cursor(request(after=text)).after == key


def test_last_page_has_no_link() -> None:
    assert "Link" not in Cursor(request()).response([], after=None).headers
