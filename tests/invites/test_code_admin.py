"""Guest codes in the admin: found and withdrawn, and never shown whole."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from events.services.claims import claim_invites
from invites.models import EmailInvite, InviteCode
from invites.services import create_code, revoke_code
from tests import factories
from tests.circle import Circle
from tests.staff.asking import ask, confirmed
from tests.staff.holding import browser_of, with_role
from users.roles import SUPPORT

pytestmark = pytest.mark.django_db
LIST = "/admin/invites/invitecode/"


@pytest.fixture
def staff() -> Client:
    return browser_of(factories.staff())


@pytest.fixture
def circle(settings: Any) -> Circle:
    settings.EVENT_INVITE_EXTERNAL = True
    return Circle()


def code_of(circle: Circle, **fields: Any) -> InviteCode:
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice), **fields)
    return InviteCode.objects.get(pk=code.pk)


def found(client: Client, **query: str) -> set[str]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200, answer
    return {str(code) for code in answer.context["cl"].result_list}


def codes(circle: Circle) -> dict[str, InviteCode]:
    """One of each sort."""
    actor, later = Actor.by_api(circle.alice), timezone.now() + timedelta(days=1)
    made = {"everybody": code_of(circle), "expired": code_of(circle, expiration=later)}
    InviteCode.objects.filter(pk=made["expired"].pk).update(expiration=timezone.now() - timedelta(seconds=1))
    made["withdrawn"] = code_of(circle, expiration=later)
    revoke_code(code=made["withdrawn"], user=circle.alice, actor=actor)
    for name in ("dora", "erik"):
        circle.invite(f"{name}@example.org")
        made[name] = EmailInvite.objects.get(email=f"{name}@example.org").invite_code
    claim_invites(user=factories.user("erik", email="erik@example.org"), actor=actor)
    return made


@pytest.mark.slow
def test_codes_are_filtered_by_state_and_by_whom_they_were_made_for(staff: Client, circle: Circle) -> None:
    made = {name: str(code) for name, code in codes(circle).items()}
    assert found(staff) == set(made.values())
    assert found(staff, state="expired") == {made["expired"]}
    assert found(staff, state="withdrawn") == {made["withdrawn"]}
    assert found(staff, state="valid") == {made["everybody"], made["dora"], made["erik"]}
    assert found(staff, holder="everybody") == {made["everybody"], made["expired"], made["withdrawn"]}
    assert found(staff, holder="address") == {made["dora"]}
    assert found(staff, holder="account") == {made["erik"]}


@pytest.mark.slow
def test_code_is_found_by_address_room_and_the_whole_of_it_alone(staff: Client, circle: Circle) -> None:
    made = codes(circle)
    factories.event(factories.user("carl"))
    doras = made["dora"]
    assert found(staff, q="dora@example.org") == {str(doras)}
    assert found(staff, q="erik@example.org") == {str(made["erik"])}
    assert found(staff, q=f"https://x.example/invite/{doras.code}") == {str(doras)}
    assert found(staff, q=str(circle.event.room_id)) == {str(code) for code in made.values()}
    assert found(staff, q=str(doras.code)[:18]) == set()
    for column in ("code", "code__startswith"):
        assert staff.get(LIST, {column: str(doras.code)[:8]}).status_code == 400


@pytest.mark.slow
def test_no_page_shows_a_whole_code(circle: Circle) -> None:
    made = codes(circle)
    support = browser_of(with_role(SUPPORT))
    for path in (LIST, *(f"{LIST}{code.pk}/{page}/" for code in made.values() for page in ("change", "history"))):
        text = support.get(path).content.decode()
        assert not [code for code in made.values() if str(code.code) in text], path
    asked = {"app_label": "invites", "model_name": "emailinvite", "field_name": "invite_code", "term": ""}
    assert str(made["dora"].code) not in support.get("/admin/autocomplete/", asked).content.decode()


@pytest.mark.slow
def test_selected_codes_are_withdrawn_after_a_question(staff: Client, circle: Circle) -> None:
    made = codes(circle)
    chosen = {
        "action": "withdraw",
        "_selected_action": [str(made[name].pk) for name in ("everybody", "dora", "withdrawn")],
    }
    text = ask(staff, LIST, chosen).content.decode()
    assert "Nobody can enter with 2 guest codes any more." in text
    assert "dora@example.org" in text
    assert "2 guest codes were withdrawn" in confirmed(staff, LIST, chosen, follow=True).content.decode()
    assert set(InviteCode.objects.filter(active=True)) == {made["expired"], made["erik"]}
    logged = Activity.objects.filter(kind="code.revoked", actor_kind="staff")
    assert logged.count() == 2


@pytest.mark.slow
def test_page_says_why_a_code_opens_nothing(staff: Client, circle: Circle) -> None:
    code = codes(circle)["expired"]
    assert "The guest code has expired" in staff.get(f"{LIST}{code.pk}/change/").content.decode()


@pytest.mark.slow
def test_statements_do_not_grow(staff: Client, circle: Circle, django_assert_num_queries: Any) -> None:
    code_of(circle)
    with django_assert_num_queries(8):
        staff.get(LIST)
    codes(circle)
    with django_assert_num_queries(9):  # the people who claimed codes
        staff.get(LIST)
