"""Wrong requests: each field that is wrong is named, and nothing is planned."""

from typing import Any

import pytest

from events.models import Event
from integrations.cronofy.models import SmartInvite
from integrations.cronofy.serializers import Degrees
from tests.integrations.cronofy.world import BOARD, PATH, application, client, invite

pytestmark = pytest.mark.django_db
REMOVED = object()
MANY = [{"email": f"p{number}@example.org"} for number in range(101)]
BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"smart_invite_id": REMOVED}, {"smart_invite_id": "errors.required"}),
    ({"smart_invite_id": ""}, {"smart_invite_id": "errors.required"}),
    ({"smart_invite_id": None}, {"smart_invite_id": "errors.required"}),
    ({"smart_invite_id": 7}, {"smart_invite_id": "errors.invalid"}),
    ({"smart_invite_id": "x" * 256}, {"smart_invite_id": "errors.too_long"}),
    ({"smart_invite_id": "a\x00b"}, {"smart_invite_id": "errors.invalid"}),
    ({"method": "destroy"}, {"method": "errors.invalid"}),
    ({"recipient": REMOVED}, {"recipient": "errors.required"}),
    ({"recipients": [{"email": "b@example.org"}]}, {"recipient": "errors.required"}),
    ({"recipient": "b@example.org"}, {"recipient": "errors.invalid"}),
    ({"recipient": {}}, {"recipient.email": "errors.required"}),
    ({"recipient": {"email": "no address"}}, {"recipient.email": "errors.invalid"}),
    ({"recipient": {"email": "a@b.example", "status": "maybe"}}, {"recipient.status": "errors.invalid"}),
    ({"recipient": REMOVED, "recipients": []}, {"recipients": "errors.invalid"}),
    ({"recipient": REMOVED, "recipients": MANY}, {"recipients": "errors.too_long"}),
    ({"recipient": REMOVED, "recipients": [MANY[0], {}, 7]},
     {"recipients.1.email": "errors.required", "recipients.2": "errors.invalid"}),
    ({"recipient": REMOVED, "recipients": [MANY[0], {"email": "P0@Example.org"}]}, {"recipients": "errors.invalid"}),
    ({"callback_url": "ftp://app.example.org"}, {"callback_url": "errors.invalid"}),
    ({"callback_url": "http://app.example.org/"}, {"callback_url": "errors.invalid"}),
    ({"callback_url": "https://127.0.0.1/"}, {"callback_url": "errors.invalid"}),
    ({"callback_url": "https://app.example.org:22/"}, {"callback_url": "errors.invalid"}),
    ({"callback_url": "https://" + "x" * 2000}, {"callback_url": "errors.too_long"}),
    ({"callback_url": ["https://app.example.org"]}, {"callback_url": "errors.invalid"}),
    ({"organizer": {"email": "no address"}}, {"organizer.email": "errors.invalid"}),
    ({"organizer": {"name": "x" * 256}}, {"organizer.name": "errors.too_long"}),
    ({"event": REMOVED}, {"event": "errors.required"}),
    ({"event": []}, {"event": "errors.invalid"}),
    ({"event": {}}, {"event.summary": "errors.required", "event.start": "errors.required",
                     "event.end": "errors.required"}),
]  # fmt: skip
BAD_EVENTS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"summary": "x" * 256}, {"summary": "errors.too_long"}),
    ({"summary": {"a": 1}}, {"summary": "errors.invalid"}),
    ({"summary": "a\x00"}, {"summary": "errors.invalid"}),
    ({"description": "x" * 4097}, {"description": "errors.too_long"}),
    ({"start": "tomorrow"}, {"start": "errors.invalid"}),
    ({"start": 1795510800}, {"start": "errors.invalid"}),
    ({"start": "2027-01-21T09:30:00"}, {"start": "errors.invalid"}),
    ({"start": {"tzid": "Europe/Paris"}}, {"start": "errors.invalid"}),
    ({"start": {"time": "2027-01-21T09:30:00Z", "tzid": "W. Europe Standard Time"}}, {"start": "errors.invalid_tzid"}),
    ({"start": {"time": "2027-01-21T09:30:00Z", "tzid": 7}}, {"start": "errors.invalid_tzid"}),
    ({"start": None, "end": ""}, {"start": "errors.required", "end": "errors.invalid"}),
    ({"start": "0001-01-01T00:00:00Z"}, {"start": "errors.invalid"}),
    ({"start": "9999-12-31", "end": "9999-12-31"}, {"start": "errors.invalid", "end": "errors.invalid"}),
    ({"start": "1800-01-01", "end": "1800-01-02"}, {"end": "errors.invalid"}),
    ({"start": "2027-01-21"}, {"end": "errors.invalid"}),
    ({"end": "2027-01-21T09:29:00Z"}, {"end": "errors.invalid"}),
    ({"end": "2029-01-21T09:29:00Z"}, {"end": "errors.invalid"}),
    ({"tzid": "Mars/Base"}, {"tzid": "errors.invalid_tzid"}),
    ({"url": "javascript:alert(1)"}, {"url": "errors.invalid"}),
    ({"url": "https://a.example/\r\nX"}, {"url": "errors.invalid"}),
    ({"location": "Board room"}, {"location": "errors.invalid"}),
    ({"location": {"lat": "91"}}, {"location.lat": "errors.invalid"}),
    ({"location": {"lat": "nan", "long": True}}, {"location.lat": "errors.invalid", "location.long": "errors.invalid"}),
    ({"location": {"long": 1e300}}, {"location.long": "errors.invalid"}),
    ({"reminders": [{"minutes": -1}]}, {"reminders.0.minutes": "errors.invalid"}),
    ({"reminders": [{"minutes": 10**9}]}, {"reminders.0.minutes": "errors.invalid"}),
    ({"reminders": [{"minutes": "5"}]}, {"reminders.0.minutes": "errors.invalid"}),
    ({"reminders": [{"minutes": 5}] * 6}, {"reminders": "errors.too_long"}),
    ({"transparency": "clear"}, {"transparency": "errors.invalid"}),
    ({"color": "x" * 33}, {"color": "errors.too_long"}),
]


def without_removed(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not REMOVED}


@pytest.mark.slow
def test_each_wrong_field_is_named() -> None:
    api = client(application())
    wrong = [(invite(**members), fields) for members, fields in BAD]
    for members, fields in BAD_EVENTS:
        wrong.append((invite(event=BOARD | members), {f"event.{name}": key for name, key in fields.items()}))
    for body, fields in wrong:
        answer = api.post(PATH, without_removed(body))
        assert answer.status_code == 422, (body, answer.content)
        found = answer.json()["errors"]
        assert {name: entries[0]["key"] for name, entries in found.items()} == fields, (body, found)
        assert all(entry["description"] for entries in found.values() for entry in entries)
    assert not Event.objects.exists()
    assert not SmartInvite.objects.exists()


@pytest.mark.parametrize("body", [[], "text", 7, None, [invite()]])
def test_what_is_no_object_is_refused(body: Any) -> None:
    answer = client(application()).post(PATH, body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_what_is_no_json_is_refused() -> None:
    api = client(application())
    for environ in (
        {"data": "{", "content_type": "application/json"},
        {"data": b"\xff", "content_type": "application/json"},
        {"data": "a=b", "content_type": "text/plain"},
    ):
        assert api.request("POST", PATH, **environ).status_code == 400
    assert api.get(PATH, smart_invite_id="inv-1", recipient_email="a@b.example", include_ics="maybe").status_code == 404


@pytest.mark.slow
def test_whole_invite_has_a_limit_of_recipients() -> None:
    api = client(application())
    body = invite(recipients=MANY[:100])
    del body["recipient"]
    assert api.post(PATH, body).status_code == 200
    answer = api.post(PATH, invite("inv-1", "one.more@example.org"))
    assert answer.status_code == 422
    assert SmartInvite.objects.get().recipients.count() == 100


@pytest.mark.parametrize(("given", "kept"), [(0.00001, "0.00001"), (-1e-7, "-0.0000001"), (0, "0"), ("48.10", "48.10")])
def test_degrees_are_kept_as_text(given: str | float, kept: str) -> None:
    assert Degrees(90).run_validation(given) == kept
