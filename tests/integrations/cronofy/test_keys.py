"""Who may use the API: applications with a key that is valid now, each for its own invites."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from integrations.cronofy.models import Application
from integrations.deliveries.models import SigningKey
from invites.models import EventInvite
from tests import factories
from tests.api import Api, token
from tests.integrations.cronofy.world import GUEST, PATH, application, client, invite, put, with_new_key
from tests.traces import Traces

pytestmark = pytest.mark.django_db


def calls(api: Api, method: str) -> Any:
    return api.post(PATH, invite()) if method == "POST" else api.get(PATH, smart_invite_id="inv-1")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_key_and_a_wrong_one_are_refused(method: str) -> None:
    app = application()
    for authorization in ("", "Bearer whsec_wrong", "Bearer ", "Basic eDp5", f"Bearer {token(app.service_user)}"):
        answer = calls(Api(authorization=authorization), method)
        assert answer.status_code == 401
        assert (answer.json()["code"], answer["WWW-Authenticate"][:6]) == ("unauthorized", "Bearer")


@pytest.mark.slow
def test_several_keys_are_valid_at_once() -> None:
    app = application()
    first, second = with_new_key(app), client(app)
    assert put(first)["recipient"] == put(second)["recipient"]


@pytest.mark.slow
def test_rotation_ends_the_others_after_a_day() -> None:
    app = application()
    old = client(app)
    traces = Traces()
    new = with_new_key(app, ends_others=True)
    assert traces.last("setup.updated").changes == {"api_key": ["", ""]}
    assert put(old)
    assert put(new)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert old.post(PATH, invite()).status_code == 401
        assert put(new)


def test_key_is_not_stored_as_it_is() -> None:
    app = application()
    api = client(app)
    stored = SigningKey.objects.get()
    key = api.authorization.removeprefix("Bearer ")
    assert key.startswith("whsec_")
    assert key not in stored.value + str(stored.digest)


@pytest.mark.parametrize("who", ["application", "service user"])
def test_who_is_disabled_is_forbidden(who: str) -> None:
    app = application()
    api = client(app)
    row: Any = app if who == "application" else app.service_user
    row.disabled_since = timezone.now()
    row.save()
    assert calls(api, "POST").status_code == 403


def two(other_tenant: bool) -> tuple[Application, Application]:
    tenant = "another" if other_tenant else "OpenTalkDefaultTenant"
    return application("Recruiting"), application("Sales", tenant=tenant)


@pytest.mark.slow
@pytest.mark.parametrize("other_tenant", [False, True])
def test_application_reaches_its_own_invites_only(other_tenant: bool) -> None:
    mine, other = (client(app) for app in two(other_tenant))
    put(mine)
    body = {"smart_invite_id": "inv-1", "method": "cancel", "recipient": {"email": GUEST}}
    assert other.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).status_code == 404
    for method in ("cancel", "remove"):
        assert other.post(PATH, body | {"method": method}).status_code == 404
    # The same id is another invite there.
    put(other, event={"summary": "Sale", "start": "2027-01-21", "end": "2027-01-21"})
    found = mine.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()
    assert found["event"]["summary"] == "Board meeting"


@pytest.mark.slow
def test_people_of_another_tenant_stay_unknown() -> None:
    _mine, other = two(other_tenant=True)
    factories.user("bob")
    put(client(other), "inv-1", "bob@example.com")
    assert not EventInvite.objects.exists()


@pytest.mark.slow
def test_who_calls_too_often_waits_for_the_next_minute(settings: Any) -> None:
    settings.SMART_INVITES_PER_MINUTE = 2
    api, other = (client(app) for app in two(other_tenant=False))
    with time_machine.travel("2026-11-02T08:30:45Z", tick=False) as clock:
        assert [calls(api, "POST").status_code for _number in range(3)] == [200, 200, 429]
        refused = calls(api, "GET")
        assert (refused.status_code, refused["Retry-After"]) == (429, "15")
        assert calls(other, "POST").status_code == 200
        clock.shift(timedelta(seconds=15))
        assert calls(api, "POST").status_code == 200


@pytest.mark.slow
def test_limit_can_be_switched_off(settings: Any) -> None:
    settings.SMART_INVITES_PER_MINUTE = 0
    assert calls(client(application()), "POST").status_code == 200
