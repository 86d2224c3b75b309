"""Every operation that the seed controller-rest-api names exists, and those added since: rest/endpoints.txt."""

import json
import re
from pathlib import Path

import pytest

from tests.api import api_document, operations

pytestmark = pytest.mark.django_db
LINES = (Path(__file__).parent / "rest/endpoints.txt").read_text().splitlines()
ENDPOINTS = [line.split() for line in LINES if line and not line.startswith("#")]
# What this site has beside the controller's operations.
OWN = {
    (method, path)
    for path in ("/v1/users/me/answer_mails", "/v1/users/me/reminders", "/v1/events/{event_id}/reminders")
    for method in ("GET", "PUT")
} | {
    ("GET", "/v1/events/{event_id}/proposals"),
    ("POST", "/v1/events/{event_id}/proposals/{proposal_id}/accept"),
    ("POST", "/v1/events/{event_id}/proposals/{proposal_id}/refuse"),
    ("GET", "/v1/smart_invites"),
    ("POST", "/v1/smart_invites"),
    ("GET", "/webex/v1/events"),
    ("GET", "/webex/v1/events/{event_key}"),
    ("GET", "/webex/v1/webhooks"),
    ("POST", "/webex/v1/webhooks"),
    ("GET", "/webex/v1/webhooks/{webhook_id}"),
    ("PUT", "/webex/v1/webhooks/{webhook_id}"),
    ("DELETE", "/webex/v1/webhooks/{webhook_id}"),
    ("GET", "/v1/activity"),
    ("GET", "/v1/stream"),
    ("POST", "/v1/services/activity"),
    ("GET", "/v1/services/activity/kinds"),
    ("POST", "/v1/services/boxes/{box_id}/heartbeat"),
    ("POST", "/v1/services/call_reverse"),
    ("PUT", "/v1/services/calls/{call_id}"),
    ("POST", "/v1/services/calls/{call_id}/dtmf"),
    ("POST", "/v1/services/chats/{chat_id}/message"),
    ("PUT", "/v1/services/conferences/{room_id}/members"),
    ("POST", "/v1/services/faxes/{fax_id}/reports"),
    ("PUT", "/v1/services/objects/{object_id}"),
    ("GET", "/v1/services/sensors/{sensor_id}/actions"),
    ("POST", "/v1/services/sensors/{sensor_id}/actions"),
    ("POST", "/v1/services/sensors/{sensor_id}/data"),
    ("POST", "/v1/services/sip/registrations"),
}
MEMBERS = {
    "EventInputRequest": {"show_meeting_details", "e2e_encryption", "training_participation_report"},
    "EventChangeRequest": {"show_meeting_details", "e2e_encryption", "training_participation_report"},
    "EventResource": {"can_edit", "show_meeting_details", "training_participation_report"},
    "EventInstance": {"can_edit", "training_participation_report"},
    "EventRoomInfo": {"e2e_encryption"},
    "RoomResource": {"e2e_encryption"},
    "PrivateUserProfile": {"used_storage"},
}
# What the controller got later for other media servers (contract 14).
NOT_BUILT = re.compile("guest_access|alias|device_secret|roomserver|room_name|rooms/name|services/recording/upload")


def test_operation_exists_with_its_query() -> None:
    for method, path, *query in ENDPOINTS:
        operation = operations()[method, path]
        known = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "query"}
        assert {*query} <= known, (method, path)


def test_every_operation_is_listed_here() -> None:
    assert set(operations()) - OWN == {(method, path) for method, path, *_query in ENDPOINTS}


@pytest.mark.parametrize("schema", MEMBERS)
def test_members_that_were_added_since(schema: str) -> None:
    assert set(api_document()["components"]["schemas"][schema]["properties"]) >= MEMBERS[schema]


def test_what_belongs_to_later_servers_is_not_there() -> None:
    assert NOT_BUILT.search(json.dumps(api_document())) is None
