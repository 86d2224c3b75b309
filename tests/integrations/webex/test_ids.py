"""Ids and times as Webex writes them, and as its clients bring them back."""

import base64
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.webex import events, ids, times
from tests.sweeps import examples

KINDS = st.sampled_from([ids.PERSON, ids.ROOM, ids.MESSAGE, ids.MEMBERSHIP, ids.ORGANIZATION, ids.EVENT, ids.WEBHOOK])
SEED = "Y2lzY29zcGFyazovL3VzL0VWRU5UL2JiY2ViMWFkLTQzZjEtM2I1OC05MTQ3LWYxNGJiMGM0ZDE1NAo"


@settings(max_examples=examples(20, 200), deadline=None)
@given(KINDS, st.uuids())
def test_id_is_read_back_in_every_spelling(kind: str, value: uuid.UUID) -> None:
    written = ids.written(kind, value)
    assert base64.b64decode(written + "==") == f"ciscospark://us/{kind}/{value}".encode()
    assert not written.endswith("=")
    assert "\n" not in written
    padded = written + "=" * (-len(written) % 4)
    for spelling in (written, padded, padded.replace("+", "-").replace("/", "_"), str(value), value.hex):
        assert ids.read(spelling, kind) == value, spelling


@settings(max_examples=examples(50, 500), deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_an_id_or_none(text: str) -> None:
    found = ids.read(text, ids.EVENT)
    assert found is None or isinstance(found, uuid.UUID)


def test_example_of_the_seed_is_read_with_its_newline() -> None:
    assert ids.read(SEED, ids.EVENT) == uuid.UUID("bbceb1ad-43f1-3b58-9147-f14bb0c4d154")


def test_id_of_another_kind_is_none() -> None:
    assert ids.read(ids.written(ids.ROOM, uuid.uuid4()), ids.PERSON) is None
    assert ids.read(base64.b64encode(b"ciscospark://us/PEOPLE/someone").decode(), ids.PERSON) is None


@settings(max_examples=examples(20, 200), deadline=None)
@given(st.uuids(version=4), st.integers(0, events.MOST_EVENTS - 1))
def test_id_of_an_event_leads_to_its_activity(activity_id: uuid.UUID, number: int) -> None:
    made = [events.id_of(activity_id, one) for one in range(events.MOST_EVENTS)]
    assert len(set(made)) == events.MOST_EVENTS
    assert events.activities_of(made[number])[activity_id] == number


def test_time_always_has_milliseconds_and_z() -> None:
    assert times.written(datetime(2026, 11, 20, 10, tzinfo=UTC)) == "2026-11-20T10:00:00.000Z"
    berlin = timezone(timedelta(hours=1))
    assert times.written(datetime(2026, 11, 20, 10, 0, 0, 999_999, tzinfo=berlin)) == "2026-11-20T09:00:00.999Z"
    assert times.written(datetime(33, 4, 3, tzinfo=UTC)) == "0033-04-03T00:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00Z", "2026-11-20T11:00:00+01:00", "2026-11-20T11:00:00 01:00",
        "2026-11-20T11:00:00.000+0100", "2026-11-20T11:00:00.000 0100", "2026-11-20 10:00:00Z", "2026-11-20t10:00:00z",
    ],
)  # fmt: skip
def test_time_is_read_in_the_spellings_of_clients(text: str) -> None:
    assert times.read(text) == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "today", "2026-11-20", "2026-11-20T10:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "9" * 99]
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert times.read(text) is None
