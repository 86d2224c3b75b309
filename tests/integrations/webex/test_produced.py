"""What only producers report, in the words of Webex."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from activity.models import Activity
from integrations.producers.models import Producer
from integrations.webex import ids
from integrations.webex.facts import Facts
from integrations.webex.formats import FORMATS
from integrations.webex.formats.table import Told
from rest.renderers import timestamp
from tests import factories
from tests.integrations.producers.world import PATH, RECORD, service, thing
from users.models import User

pytestmark = pytest.mark.django_db


def told(owner: User, kind: str, of_type: str, data: dict[str, Any]) -> dict[str, Any]:
    api = service()
    assert Producer.objects.count() == 1
    one = thing(owner, of_type)
    report = {"id": str(uuid.uuid4()), "source": "/s", "type": kind, "subject": str(one.pk), "data": data}
    answer = api.post(PATH, report | {"time": timestamp(timezone.now())})
    assert answer.json()[0]["status"] == "accepted", answer.content
    activity = Activity.objects.get(kind=kind)
    (event,) = FORMATS[kind]
    written = event.write(Told(activity, Facts([activity])))
    assert written is not None
    assert written.pop("orgId") == ids.written(ids.ORGANIZATION, owner.tenant_id)
    assert written.pop("created") == activity.data["at"]
    return {"resource": event.resource, "type": event.type, **written}


def test_call_record_has_the_telephony_members_as_texts() -> None:
    alice = factories.user("alice")
    data = RECORD | {"user_id": str(alice.pk), "is_call_answered": "true", "called_number": "4089671221"}
    assert told(alice, "call_record.created", "call", data) == {
        "resource": "call_records",
        "type": "created",
        "corelationId": "fdda8613",
        "callType": "SIP_ENTERPRISE",
        "callDurationSeconds": "192",
        "isCallAnswered": "true",
        "calledNumber": "4089671221",
        "userId": ids.written(ids.PERSON, alice.pk),
    }


def test_text_message_names_its_person() -> None:
    alice = factories.user("alice")
    data = {"text_id": "t-1", "text": "I am late", "user_id": str(alice.pk)}
    found = told(alice, "business_text.created", "call", data)
    assert (found["resource"], found["id"], found["text"]) == ("businessTexts", "t-1", "I am late")
    assert (found["personId"], found["personEmail"]) == (ids.written(ids.PERSON, alice.pk), alice.email)


def test_the_others_go_by_the_id_that_they_have_there() -> None:
    alice = factories.user("alice")
    for kind, of_type, data, resource in (
        ("transcript.created", "call", {"transcript_id": "x"}, "meetingTranscripts"),
        ("converged_recording.created", "call", {"recording_id": "x"}, "convergedRecordings"),
        ("attachment_action.created", "chat", {"action_id": "x", "message_id": "m"}, "attachmentActions"),
        ("file_transcoding.created", "fax", {"file_id": "x"}, "file_transcodings"),
    ):
        found = told(alice, kind, of_type, data)
        assert (found["resource"], found["id"]) == (resource, "x")
