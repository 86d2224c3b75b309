"""What end-to-end encryption excludes: phones and guests (contract 2.4, 5, 6)."""

from typing import Any

import pytest

from invites.models import InviteCode
from mailer.models import OutgoingMail
from mailer.render import render
from rooms.models import Room, SipConfig
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.traces import Traces
from users.models import Tariff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _dial_in_number(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"


@pytest.fixture(params=["from the start", "by PATCH rooms", "by PATCH events"])
def encrypted(request: Any) -> Circle:
    circle = Circle(e2e_encryption=request.param == "from the start", show_meeting_details=True)
    if request.param == "by PATCH rooms":
        circle.api("creator").patch(circle.room_path, {"e2e_encryption": True})
    if request.param == "by PATCH events":
        circle.api("creator").patch(circle.path, {"e2e_encryption": True}, suppress_email_notification="true")
    return circle


@pytest.mark.slow
def test_answers_say_it(encrypted: Circle) -> None:
    for who in ("creator", "invitee"):
        api = encrypted.api(who)
        assert api.get(encrypted.room_path).json()["e2e_encryption"] is True
        assert api.get(encrypted.path).json()["room"]["e2e_encryption"] is True
        assert api.get(f"{encrypted.room_path}/event").json()["e2e_encryption"] is True


def test_no_answer_shows_a_dial_in(encrypted: Circle) -> None:
    config = SipConfig.objects.get()
    api = encrypted.api("creator")
    for path in (encrypted.path, "/v1/events", f"{encrypted.room_path}/event"):
        assert config.sip_id not in api.get(path).content.decode()


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("PUT", 403)])
def test_dial_in_is_not_available(encrypted: Circle, method: str, status: int) -> None:
    traces = Traces()
    answer = encrypted.api("creator").request(method, f"{encrypted.room_path}/sip", {"lobby": True})
    assert (answer.status_code, answer.json()["code"]) == (status, "service_unavailable")
    assert traces.is_empty()


def test_dial_in_can_still_be_deleted(encrypted: Circle) -> None:
    assert encrypted.api("creator").delete(f"{encrypted.room_path}/sip").status_code == 204
    assert not SipConfig.objects.exists()


def test_dial_in_is_back_when_encryption_is_switched_off(encrypted: Circle) -> None:
    api = encrypted.api("creator")
    api.patch(encrypted.room_path, {"e2e_encryption": False})
    assert api.get(f"{encrypted.room_path}/sip").json()["sip_id"] == SipConfig.objects.get().sip_id
    assert api.get(encrypted.path).json()["room"]["call_in"]["id"] == SipConfig.objects.get().sip_id


def refuse_guests(circle: Circle, how: str) -> None:
    if how == "encrypted":
        Room.objects.update(e2e_encryption=True)
    else:
        Tariff.objects.update(disabled_features=["guests_allowed"])


@pytest.mark.parametrize("how", ["encrypted", "the tariff has no guests"])
def test_guest_codes_open_nothing(how: str) -> None:
    circle = Circle(show_meeting_details=True)
    guest = circle.api("guest")
    code = str(InviteCode.objects.get().code)
    refuse_guests(circle, how)
    answers = [
        Api().post("/v1/invite/verify", {"invite_code": code}),
        guest.get(f"{circle.room_path}/event"),
        guest.get(f"{circle.room_path}/tariff"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "service_unavailable")] * 3
    assert Api().client.get(f"/invite/{code}").status_code == 404
    details = circle.api("invitee").get(f"{circle.room_path}/event").json()["meeting_details"]
    assert "invite_code_id" not in details


@pytest.mark.parametrize("how", ["encrypted", "the tariff has no guests"])
def test_creator_gets_a_code_all_the_same(how: str) -> None:
    """The frontend of 2024 and 2025 asks for one in each own meeting, and repeats a refused POST without pause."""
    circle = Circle()
    refuse_guests(circle, how)
    api, path = circle.api("creator"), f"{circle.room_path}/invites"
    first, second = api.post(path, {}), api.post(path, {})
    assert (first.status_code, second.json()) == (200, first.json())
    assert (first.json()["active"], first.json()["expiration"]) == (True, None)
    assert api.get(path).json() == [first.json()]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["encrypted", "the tariff has no guests"])
def test_outsiders_are_mailed_no_link_that_opens_nothing(how: str) -> None:
    """Who was invited before is told of changes like somebody with an account, which is needed to come in."""
    circle = Circle()
    circle.invite("dora@example.org")
    code = str(InviteCode.objects.get().code)
    refuse_guests(circle, how)
    circle.api("creator").patch(circle.path, {"title": "Other"})
    mail = OutgoingMail.objects.get(address="dora@example.org")
    assert mail.kind == "unregistered_event_update"
    sent = render(mail).message().as_string()
    assert f"/room/{circle.event.room_id}" in sent
    assert code not in sent
    assert InviteCode.objects.count() == 1


def test_outsiders_are_mailed_their_link_again_when_encryption_is_switched_off() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    refuse_guests(circle, "encrypted")
    circle.api("creator").patch(circle.path, {"e2e_encryption": False})
    mail = OutgoingMail.objects.get(address="dora@example.org")
    assert (mail.kind, mail.message["invite_code"]) == ("external_event_update", str(InviteCode.objects.get().code))


def test_code_opens_again_when_encryption_is_switched_off() -> None:
    circle = Circle()
    guest = circle.api("guest")
    for is_encrypted, status in ((True, 404), (False, 200)):
        circle.api("creator").patch(circle.room_path, {"e2e_encryption": is_encrypted})
        assert guest.get(f"{circle.room_path}/event").status_code == status


def test_encrypted_room_keeps_the_dial_in_that_it_was_made_with() -> None:
    alice = factories.user("alice")
    room = Api(alice).post("/v1/rooms", {"e2e_encryption": True, "enable_sip": True}).json()
    assert Api(alice).get(f"/v1/rooms/{room['id']}/sip").status_code == 404
    Api(alice).patch(f"/v1/rooms/{room['id']}", {"e2e_encryption": False})
    assert Api(alice).get(f"/v1/rooms/{room['id']}/sip").status_code == 200
