"""SIP accounts, and contacts that are registered until they go or their time is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.models import SipAccount, SipRegistration
from integrations.objects.services import sip
from integrations.objects.services.sip import (
    create_sip_account,
    delete_sip_account,
    end_expired,
    register_contact,
    unregister_contact,
    update_sip_account,
)
from operations.jobs.end_registrations import EndRegistrations
from rest.errors import NotFound, ValidationFailed
from tests import factories
from tests.integrations.objects.devices import GATEWAY, listening
from tests.integrations.objects.world import World
from tests.parallel import at_once

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
JOE: dict[str, Any] = {"user": "joe_01", "domain": "cospace.de"}
PHONE, SOFTPHONE = "212.202.0.32:5060", "212.202.0.33"
NEW, STAYS, LOST = (False, True), (True, True), (True, False)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def account(world: World) -> SipAccount:
    return create_sip_account(owner=world.alice, actor=world.by_alice, description="office phone", **JOE)


def register(account: SipAccount, contact: str = PHONE, seconds: int = 3600) -> Any:
    until = NOW + timedelta(seconds=seconds)
    return register_contact(account=account, contact=contact, expires_at=until, actor=GATEWAY)


def test_only_the_owner_learns_of_an_account(world: World, account: SipAccount) -> None:
    update_sip_account(account=account, description="softclient", actor=world.by_alice)
    update_sip_account(account=account, description="softclient", actor=world.by_alice)
    delete_sip_account(account=account, actor=world.by_alice)
    assert world.told("sip_account.created") == [(JOE | {"description": "office phone"}, {"alice": NEW})]
    assert world.told("sip_account.updated") == [(JOE | {"description": "softclient"}, {"alice": STAYS})]
    assert world.told("sip_account.deleted") == [(JOE, {"alice": LOST})]
    assert {row.tenant_id for row in Activity.objects.all()} == {world.alice.tenant_id}
    with pytest.raises(NotFound):
        delete_sip_account(account=account, actor=world.by_alice)


def test_address_has_one_owner(world: World, account: SipAccount) -> None:
    with pytest.raises(ValidationFailed) as failed:
        create_sip_account(owner=world.bob, actor=Actor.by_api(world.bob), user="joe_01", domain="CoSpace.DE")
    assert {*failed.value.detail} == {"user"}
    assert SipAccount.objects.get() == account


def test_person_has_so_many_accounts(world: World, account: SipAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip, "MOST_ACCOUNTS", 1)
    with pytest.raises(ValidationFailed):
        create_sip_account(owner=world.alice, actor=world.by_alice, user="second", domain="cospace.de")


@time_machine.travel(NOW, tick=False)
def test_two_contacts_at_once(world: World, account: SipAccount) -> None:
    register(account)
    register(account, SOFTPHONE)
    assert unregister_contact(account=account, contact=PHONE, actor=GATEWAY)
    assert not unregister_contact(account=account, contact=PHONE, actor=GATEWAY)
    expires = "2026-11-22T10:00:00Z"
    assert world.told("sip_account.registered") == [
        (JOE | {"contact": PHONE, "expires_at": expires}, {"alice": STAYS}),
        (JOE | {"contact": SOFTPHONE, "expires_at": expires}, {"alice": STAYS}),
    ]
    assert world.told("sip_account.unregistered") == [(JOE | {"contact": PHONE}, {"alice": STAYS})]
    assert SipRegistration.objects.get().contact == SOFTPHONE


@time_machine.travel(NOW, tick=False)
def test_registration_that_is_refreshed_passes_by_the_log(world: World, account: SipAccount) -> None:
    first = register(account)
    with listening() as heard:
        register(account, seconds=7200)
    told = JOE | {"contact": PHONE, "expire": int(NOW.timestamp()) + 7200}
    key = f"sip_register {first.pk}"
    assert heard == [
        {"name": "sip_register", "object_id": None, "data": told, "key": key, "user_ids": {world.alice.pk}}
    ]
    assert len(world.told("sip_account.registered")) == 1
    assert SipRegistration.objects.get().expires_at == NOW + timedelta(hours=2)


@time_machine.travel(NOW, tick=False)
def test_expiry_in_the_past_unregisters(world: World, account: SipAccount) -> None:
    register(account)
    assert register(account, seconds=0) is None
    assert register(account, SOFTPHONE, seconds=-1) is None
    assert len(world.told("sip_account.unregistered")) == 1
    assert not SipRegistration.objects.exists()


def test_job_ends_what_has_expired(world: World, account: SipAccount) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        register(account, seconds=60)
        register(account, SOFTPHONE, seconds=61)
        clock.shift(60)
        assert EndRegistrations().run(is_dry_run=True).touched == 1
        assert [EndRegistrations().run(is_dry_run=False).touched for _time in range(2)] == [1, 0]
        # The job has not been here yet: it is a new registration all the same.
        clock.shift(60)
        register(account, SOFTPHONE, seconds=3600)
    unregistered = [JOE | {"contact": PHONE}, JOE | {"contact": SOFTPHONE}]
    assert [data for data, _people in world.told("sip_account.unregistered")] == unregistered
    assert len(world.told("sip_account.registered")) == 3


def test_account_has_so_many_contacts(account: SipAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip, "MOST_CONTACTS", 2)
    with time_machine.travel(NOW, tick=False):
        for number in range(2):
            register(account, f"192.0.2.{number}")
        with pytest.raises(ValidationFailed):
            register(account, "192.0.2.9")


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("_time", range(3))
def test_registration_meets_the_job(_time: int) -> None:
    """Whichever comes first: it is registered in the end, and each end of it is told once."""
    alice = factories.user("alice")
    account = create_sip_account(owner=alice, actor=Actor.by_api(alice), **JOE)
    with time_machine.travel(NOW) as clock:
        register(account, seconds=60)
        clock.shift(120)
        calls: list[Callable[[], Any]] = [partial(end_expired, account_id=account.pk, actor=GATEWAY)] * 3
        calls += [partial(register, account, seconds=3600)] * 3
        at_once(calls)
    assert SipRegistration.objects.get().expires_at == NOW + timedelta(hours=1)
    kinds = Activity.objects.filter(kind__endswith="registered").order_by("position").values_list("kind", flat=True)
    assert list(kinds) == ["sip_account.registered", "sip_account.unregistered", "sip_account.registered"]
