"""Devices, sensors and SIP accounts for staff: what they said last, and an end to them."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.objects.models import Object, SipAccount
from integrations.objects.services.boxes import report_heartbeat
from integrations.objects.services.sensors import report_samples
from integrations.objects.services.sip import create_sip_account, register_contact
from tests import factories
from tests.integrations.objects.devices import BEAT, GATEWAY, thing
from tests.integrations.objects.world import World
from tests.staff.asking import answer_of
from tests.staff.holding import browser_of

pytestmark = pytest.mark.django_db


def test_lists_show_what_was_said_last() -> None:
    world = World()
    box, sensor = thing(world.alice, "box", "box in office basement"), thing(world.alice, "sensor", "thermometer")
    report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    report_samples(sensor=sensor, samples={1363623247000: [20.5]})
    browser = browser_of(factories.staff())
    text = browser.get("/admin/objects/box/", {"online": "yes"}).content.decode()
    assert all(value in text for value in ("box in office basement", "Alice Example", *BEAT.values()))
    assert "box in office basement" not in browser.get("/admin/objects/box/", {"online": "no"}).content.decode()
    assert "thermometer" in browser.get("/admin/objects/sensor/", {"q": "therm"}).content.decode()
    assert "20.5" in browser.get(f"/admin/objects/sensor/{sensor.pk}/change/").content.decode()


def test_device_goes_into_the_trash_of_its_owner() -> None:
    world = World()
    box = thing(world.alice, "box", "box in office basement")
    report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    browser = browser_of(factories.staff())
    browser.post("/admin/objects/box/", {"action": "put_into_trash", "_selected_action": [str(box.pk)]})
    assert Object.objects.get().deleted_at is not None
    assert world.told_last("object.trashed")[1] == {"alice": (True, True)}
    assert "office basement" not in browser.get("/admin/objects/box/").content.decode().partition("changelist-form")[2]


def test_account_is_deleted_after_a_page_that_asks() -> None:
    world = World()
    account = create_sip_account(owner=world.alice, user="joe_01", domain="cospace.de", actor=world.by_alice)
    until = datetime.now(UTC) + timedelta(hours=1)
    register_contact(account=account, contact="212.202.0.32:5060", expires_at=until, actor=GATEWAY)
    browser = browser_of(factories.staff())
    assert "212.202.0.32:5060" in browser.get(f"/admin/objects/sipaccount/{account.pk}/change/").content.decode()
    path, chosen = "/admin/objects/sipaccount/", {"action": "remove", "_selected_action": [str(account.pk)]}
    page = browser.post(path, chosen)
    assert SipAccount.objects.exists()
    assert "joe_01@cospace.de" in page.content.decode()
    browser.post(path, answer_of(page))
    assert not SipAccount.objects.exists()
    assert world.told_last("sip_account.deleted")[1] == {"alice": (True, False)}
