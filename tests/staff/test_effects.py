"""What is confirmed is what was shown: the page that asks before a change, of any admin page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from staff.effects import BACK, DIGEST, Effect, Part, asking, confirm, goes_back
from tests.staff.asking import answer_of
from users.models import Tenant

pytestmark = pytest.mark.django_db
PART = Part("People", [("bob",)])


def view_that(do: Callable[[], Effect]) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            confirm(request, do(), title="Make a tenant?")
        return HttpResponse("done")

    return asking(view, lambda request: {})


def make(*lines: str) -> Effect:
    Tenant.objects.create(external_id=f"made-{Tenant.objects.count()}")
    return Effect(lines=lines, parts=[PART])


def post(rf: RequestFactory, values: object, do: Callable[[], Effect]) -> Any:
    request = rf.post("/admin/", values)
    request.user = AnonymousUser()
    answer = view_that(do)(request)
    return answer.render() if hasattr(answer, "render") else answer


def made() -> int:
    return Tenant.objects.filter(external_id__startswith="made").count()


def test_nothing_is_done_before_the_page_is_confirmed(rf: RequestFactory) -> None:
    page = post(rf, {"name": ["a", "b\r\n<c>"]}, lambda: make("1 tenant"))
    text = page.content.decode()
    assert "Make a tenant?" in text
    assert "<li>1 tenant</li>" in text
    assert "<li>bob</li>" in text
    assert made() == 0
    answer = answer_of(page)
    assert answer["name"] == ["a", "b\r\n<c>"]
    assert post(rf, answer, lambda: make("1 tenant")).content == b"done"
    assert made() == 1


@pytest.mark.parametrize(
    "other", [Effect(["2 tenants"], [PART]), Effect(["1 tenant"]), Effect(["1 tenant"], [PART], facts=1)]
)
def test_yes_to_another_effect_is_asked_again(rf: RequestFactory, other: Effect) -> None:
    answer = answer_of(post(rf, {}, lambda: make("1 tenant")))
    again = post(rf, answer, lambda: make() and other)
    assert "something has changed since you were asked" in again.content.decode()
    assert made() == 0
    assert post(rf, answer_of(again), lambda: make() and other).content == b"done"


def test_long_lists_are_cut_and_counted(rf: RequestFactory) -> None:
    page = post(rf, {}, lambda: Effect(parts=[Part("People", [(number,) for number in range(101)])]))
    text = page.content.decode()
    assert "<li>99</li>" in text
    assert "<li>100</li>" not in text
    assert "The first 100 of 101." in text


def test_back_is_a_link_or_the_form_again(rf: RequestFactory) -> None:
    page = post(rf, {}, lambda: make("1 tenant"))
    assert f'name="{BACK}"' in page.content.decode()
    assert goes_back(rf.post("/", {BACK: "1"}))
    assert not goes_back(rf.post("/", {DIGEST: "x"}))
