"""Phone settings and dialplans: their person alone learns of changes, and the log says no numbers."""

import pytest

from activity.history.wording import sentence_of
from activity.models import Activity
from integrations.objects.models import Dialplan, Phone
from integrations.objects.services.phones import report_call_reverse, update_dialplan, update_phone
from tests.integrations.objects.devices import GATEWAY
from tests.integrations.objects.world import World

SELF = {"alice": (True, True)}
NUMBERS = {"phone_from": "+4989123248278", "phone_to": "+492216698000"}


@pytest.fixture
def world(db: None) -> World:
    return World()


def test_changed_numbers_are_not_in_the_log(world: World) -> None:
    for _time in range(2):
        update_phone(user=world.alice, values={"numbers": ["+4989123248278"], "call_in": True}, actor=world.by_alice)
    update_phone(user=world.alice, values={"call_in": False}, actor=world.by_alice)
    assert world.told("phone.updated") == [
        ({"members": ["call_in", "numbers"]}, SELF),
        ({"members": ["call_in"]}, SELF),
    ]
    row = Phone.objects.get()
    assert (row.user, row.numbers, row.call_in) == (world.alice, ["+4989123248278"], False)


def test_changed_dialplan(world: World) -> None:
    rules = [{"when": "busy", "to": "+492216698000"}]
    for _time in range(2):
        update_dialplan(user=world.alice, values={"forward": rules, "call_reverse": True}, actor=world.by_alice)
    assert world.told("dialplan.updated") == [({"members": ["call_reverse", "forward"]}, SELF)]
    assert Dialplan.objects.get().forward == rules


def test_call_reverse_is_told_as_it_is_reported(world: World) -> None:
    report_call_reverse(user=world.alice, is_active=True, actor=GATEWAY, **NUMBERS)
    report_call_reverse(user=world.alice, is_active=False, actor=GATEWAY, **NUMBERS)
    assert world.told("call_reverse.started") == [(NUMBERS, SELF)]
    assert world.told("call_reverse.stopped") == [(NUMBERS, SELF)]
    rows = Activity.objects.all()
    assert not [row for row in rows if any(number in sentence_of(row) % {"who": ""} for number in NUMBERS.values())]
    assert {row.tenant_id for row in rows} == {world.alice.tenant_id}
