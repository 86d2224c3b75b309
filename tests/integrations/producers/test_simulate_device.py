"""manage.py simulate_device, against a site that is really served."""

import io
import time
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from activity.models import Activity
from integrations.objects.models.devices import Sensor
from integrations.objects.models.telephony import SipAccount
from integrations.objects.services.sensors import request_action
from integrations.producers.models import Producer
from integrations.producers.simulation import Simulation, Site, rounds
from tests import factories
from tests.circle import Circle
from tests.users.relying_party import make_service

SECRET = "a long secret of the simulation"


def kinds() -> list[str]:
    found = Activity.objects.filter(actor_name="simulator").order_by("position")
    return list(found.values_list("kind", flat=True))


@pytest.fixture
def circle(transactional_db: None) -> Circle:
    circle = Circle()
    make_service(SECRET, "produce:*", name="simulator")
    Producer.objects.create(name="simulator", tenant=factories.tenant())
    SipAccount.objects.create(owner=circle.alice, user="alice", domain="sip.example.com")
    return circle


def run(live_server: Any, circle: Circle, **options: Any) -> list[str]:
    said = io.StringIO()
    given = {
        "url": live_server.url, "owner": circle.alice.pk, "client_id": "simulator", "client_secret": SECRET,
        "interval": 0, "stdout": said,
    }  # fmt: skip
    call_command("simulate_device", **given | options)
    return said.getvalue().splitlines()


@pytest.mark.slow
def test_simulated_devices_are_seen_on_the_site(live_server: Any, circle: Circle) -> None:
    lines = run(live_server, circle, rounds=4, room=circle.event.room_id, sip="alice@sip.example.com")
    assert kinds() == [
        "object.created", "object.created", "sip_account.registered", "box.online", "meeting.started",
        "participant.joined", "participant.joined", "participant.joined", "participant.left", "participant.left",
        "participant.left", "meeting.ended", "sip_account.unregistered",
    ]  # fmt: skip
    assert lines[-3:] == [lines[-3], "alice@sip.example.com no longer registered", "ended"]
    assert lines[-3].startswith("round 4: ")
    assert Sensor.objects.get().state is not None
    sensor = Sensor.objects.select_related("object").get().object
    request_action(sensor=sensor, values=["open"])
    assert "the sensor has done ['open']" in run(live_server, circle, rounds=1)


@pytest.mark.slow
def test_ctrl_c_lets_everybody_leave(live_server: Any, circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    assert run(live_server, circle, room=circle.event.room_id)[-1] == "ended"
    assert kinds()[-2:] == ["participant.left", "meeting.ended"]


@pytest.mark.slow
def test_refusal_is_told(live_server: Any, circle: Circle) -> None:
    Producer.objects.all().delete()
    with pytest.raises(CommandError, match="no_producer"):
        run(live_server, circle, rounds=1)
    with pytest.raises(CommandError, match="401"):
        run(live_server, circle, client_secret="wrong")
    with pytest.raises(CommandError, match="refused"):
        run(live_server, circle, url="http://127.0.0.1:1")


def test_ids_and_rounds_are_always_the_same() -> None:
    owner = uuid.UUID(int=1)
    assert Simulation(Site(""), owner).box == Simulation(Site(""), owner).box != Simulation(Site(""), owner).sensor
    assert list(rounds(3)) == [1, 2, 3]
