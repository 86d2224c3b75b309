"""Accounts of a Keycloak realm: searched, looked up for invitations and lists, and not waited for."""

import time

import pytest
from django.core.cache import cache

from invites.models import EmailInvite
from mailer.models import OutgoingMail
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.local_server import Reply
from tests.users.keycloak import TOKEN, USERS
from users import directory
from users.directory import Account
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant_id(db):
    return factories.tenant().pk


def look_up(tenant_id, *emails, **how):
    return directory.accounts_of(tenant_id, emails, **how)


# ---- Addresses ----


def test_account_of_an_address(keycloak, tenant_id):
    sub = keycloak.add("Dora@Example.org", attributes={"locale": ["de"], "zoneinfo": ["Europe/Berlin"]})
    assert look_up(tenant_id, "dora@example.org") == {
        "dora@example.org": Account("dora@example.org", "Dora", "Dorn", "de", "Europe/Berlin", sub)
    }


def test_only_the_very_address(keycloak, tenant_id):
    keycloak.add("adora@example.org")
    keycloak.add("dora@example.org.evil.example")
    assert look_up(tenant_id, "dora@example.org") == {}


@pytest.mark.parametrize(
    "fields",
    [{"enabled": False}, {"email": None}, {"attributes": None}, {"firstName": None, "lastName": 7}],
    ids=["disabled", "no address", "no attributes", "no names"],
)
def test_odd_accounts(keycloak, tenant_id, fields):
    keycloak.add("dora@example.org", **fields)
    found = look_up(tenant_id, "dora@example.org")
    assert len(found) == (1 if {"attributes", "firstName"} & set(fields) else 0)


def test_unknown_zone_is_left_out(keycloak, tenant_id):
    keycloak.add("dora@example.org", attributes={"zoneinfo": ["../../etc/passwd"]})
    assert look_up(tenant_id, "dora@example.org")["dora@example.org"].time_zone == ""


def test_page_of_addresses_is_one_question_with_one_token(keycloak, tenant_id):
    keycloak.add("person3@example.org")
    keycloak.add("person7@example.org")
    emails = [f"person{number}@example.org" for number in range(20)]
    assert sorted(look_up(tenant_id, *emails)) == ["person3@example.org", "person7@example.org"]
    assert (keycloak.count[TOKEN], keycloak.count[USERS]) == (1, 20)


def test_answers_are_kept_for_a_while(keycloak, tenant_id):
    keycloak.add("dora@example.org")
    for _number in range(3):
        assert list(look_up(tenant_id, "Dora@example.org ", "nobody@example.org")) == ["dora@example.org"]
    assert keycloak.count[USERS] == 2


def test_without_waiting_only_what_is_known(keycloak, tenant_id):
    keycloak.add("dora@example.org")
    assert look_up(tenant_id, "dora@example.org", may_wait=False) == {}
    look_up(tenant_id, "dora@example.org")
    assert list(look_up(tenant_id, "dora@example.org", may_wait=False)) == ["dora@example.org"]
    assert keycloak.count[USERS] == 1


def test_tenants_by_claim_see_their_own_accounts(keycloak, settings):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    keycloak.add("dora@example.org", attributes={"tenant_id": ["acme-2"]})
    keycloak.add("erin@example.org", attributes={"tenant_id": ["acme"]})
    acme = factories.tenant("acme")
    assert list(look_up(acme.pk, "dora@example.org", "erin@example.org")) == ["erin@example.org"]


# ---- Its token, its failures ----


def test_token_is_renewed_before_it_expires(keycloak, tenant_id, clock):
    look_up(tenant_id, "a@example.org")
    clock.shift(45)
    look_up(tenant_id, "b@example.org")
    assert keycloak.count[TOKEN] == 1
    clock.shift(10)
    look_up(tenant_id, "c@example.org")
    assert keycloak.count[TOKEN] == 2


def test_token_that_was_withdrawn_is_renewed(keycloak, tenant_id):
    keycloak.add("dora@example.org")
    look_up(tenant_id, "a@example.org")
    keycloak.tokens[0] = "withdrawn"
    assert list(look_up(tenant_id, "dora@example.org")) == ["dora@example.org"]
    assert keycloak.count[TOKEN] == 2


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        (TOKEN, Reply(status=401)), (TOKEN, Reply(b"x")), (TOKEN, Reply(b"", wait_seconds=3)),
        (USERS, Reply(status=403)), (USERS, Reply(b"<html>")), (USERS, Reply({})),
        (USERS, Reply(b"[" + b" " * 999, drip_seconds=0.05)), (USERS, Reply(b" " * 2_000_000)),
    ],
)  # fmt: skip
def test_keycloak_that_fails_is_left_alone_for_a_moment(keycloak, tenant_id, clock, settings, path, reply):
    settings.KEYCLOAK_TIMEOUT_SECONDS = 0.5
    good = keycloak.replies[path]
    keycloak.add("dora@example.org")
    keycloak.on(path, reply)
    began = time.perf_counter()
    assert look_up(tenant_id, "dora@example.org", "erin@example.org") == {}
    assert time.perf_counter() - began < 2
    assert directory.is_failing()
    asked = keycloak.count[path]
    assert look_up(tenant_id, "dora@example.org") == {}
    assert directory.search(tenant_id, "dora", limit=20) == []
    assert keycloak.count[path] == asked
    keycloak.on(path, good)
    clock.shift(31)
    assert not directory.is_failing()
    settings.KEYCLOAK_TIMEOUT_SECONDS = 3
    assert list(look_up(tenant_id, "dora@example.org")) == ["dora@example.org"]


def test_wrong_secret(keycloak, tenant_id, settings, caplog):
    settings.KEYCLOAK_CLIENT_SECRET = "wrong-secret"
    assert look_up(tenant_id, "dora@example.org") == {}
    assert "Keycloak does not answer as it should" in caplog.text
    assert "wrong-secret" not in caplog.text


# ---- The search ----


def find(user, text):
    return [(found["kind"], found["email"]) for found in Api(user).get("/v1/users/find", q=text).json()]


def test_search_knows_who_is_registered(keycloak):
    alice = factories.user("alice")
    keycloak.add("dora@example.org")
    keycloak.add("dora.two@example.org")
    bob_sub = keycloak.add("dora.three@example.org")
    factories.user("bob", display_name="Queen")
    User.objects.filter(username="bob").update(oidc_sub=bob_sub)
    assert find(alice, "dora") == [
        ("registered", "bob@example.com"),
        ("unregistered", "dora@example.org"),
        ("unregistered", "dora.two@example.org"),
    ]


def test_search_leaves_out_who_is_disabled_here(keycloak):
    alice = factories.user("alice")
    keycloak.add("bob@example.com", "Bob")
    factories.user("bob", disabled_since="2026-11-23T09:00:00Z")
    assert find(alice, "bob") == []


@pytest.mark.parametrize("text", ['*a"*', "***", '"""'])
def test_signs_of_keycloak_mean_nothing(keycloak, text):
    keycloak.add("dora@example.org")
    find(factories.user("alice"), text)
    assert all("*" not in asked.query["search"].strip("*") for asked in keycloak.asked if asked.path == USERS)


def test_search_goes_on_without_keycloak(keycloak):
    keycloak.close()
    assert find(factories.user("alice"), "alice") == [("registered", "alice@example.com")]


# ---- Invitations ----


def kinds() -> list[str]:
    return [mail.kind for mail in OutgoingMail.objects.order_by("created_at")]


def invite(circle, email):
    return Api(circle.alice).post(f"{circle.path}/invites", {"email": email})


def test_account_is_invited_without_guest_code(keycloak):
    keycloak.add("dora@example.org", attributes={"locale": ["de"]})
    circle = Circle()
    assert invite(circle, "Dora@example.org").status_code == 201
    invited = EmailInvite.objects.get()
    assert (invited.first_name, invited.invite_code) == ("Dora", None)
    assert kinds()[-1].startswith("unregistered")


@pytest.mark.slow
def test_later_mails_do_not_wait_for_keycloak(keycloak):
    keycloak.add("dora@example.org")
    circle = Circle()
    invite(circle, "dora@example.org")
    invite(circle, "outsider@example.org")
    cache.clear()
    asked = keycloak.count[USERS]
    assert Api(circle.alice).patch(circle.path, {"title": "New title"}).status_code == 200
    assert keycloak.count[USERS] == asked
    new = OutgoingMail.objects.filter(kind__endswith="update")
    assert sorted(new.exclude(kind__startswith="registered").values_list("address", "kind")) == [
        ("dora@example.org", "unregistered_event_update"),
        ("outsider@example.org", "external_event_update"),
    ]


def test_nobody_is_invited_by_mistake_while_keycloak_fails(keycloak, settings):
    settings.EVENT_INVITE_EXTERNAL = False
    circle = Circle()
    answer = invite(circle, "nobody@example.org")
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_email")
    keycloak.close()
    client, headers = Api().client, {"Authorization": Api(circle.alice).authorization}
    path, body = f"{circle.path}/invites", {"email": "dora@example.org"}
    answer = client.post(path, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert not EmailInvite.objects.exists()


def test_outsiders_are_invited_while_keycloak_fails(keycloak):
    keycloak.close()
    circle = Circle()
    assert invite(circle, "dora@example.org").status_code == 201
    assert kinds()[-1].startswith("external")


@pytest.mark.slow
@pytest.mark.parametrize("is_detail", [True, False])
def test_lists_ask_once_for_all_their_addresses(keycloak, is_detail):
    circle = Circle()
    keycloak.add("dora@example.org")
    for email in ("dora@example.org", "outsider@example.org"):
        circle.invite(email)
    second = factories.event(circle.alice)
    circle.invite("outsider@example.org", event=second)
    cache.clear()
    keycloak.count.clear()
    if is_detail:
        seen = Api(circle.alice).get(f"{circle.path}/invites").json()
    else:
        seen = [
            row for event in Api(circle.alice).get("/v1/events", invitees_max=5).json() for row in event["invitees"]
        ]
    kinds = {row["profile"]["email"]: row["profile"]["kind"] for row in seen}
    assert kinds == {
        "bob@example.com": "registered",
        "dora@example.org": "unregistered",
        "outsider@example.org": "email",
    }
    assert keycloak.count[USERS] == 2


@pytest.mark.slow
def test_lists_go_on_without_keycloak(keycloak):
    circle = Circle()
    keycloak.add("dora@example.org")
    for email in ("dora@example.org", "outsider@example.org"):
        circle.invite(email)
    cache.clear()
    keycloak.close()
    seen = Api(circle.alice).get(f"{circle.path}/invites").json()
    assert [row["profile"]["kind"] for row in seen] == ["registered", "email", "unregistered"]


@pytest.mark.slow
def test_no_directory_knows_nobody(settings):
    settings.DIRECTORY = "none"
    factories.user("dora", registered=False, email="dora@example.org")
    circle = Circle()
    circle.invite("dora@example.org")
    assert EmailInvite.objects.get().invite_code is not None
    seen = Api(circle.alice).get(f"{circle.path}/invites").json()
    assert [row["profile"]["kind"] for row in seen] == ["registered", "email"]
    assert find(circle.alice, "dora") == []
