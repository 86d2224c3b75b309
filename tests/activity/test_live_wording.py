"""The log's sentences of live meetings: who removed whom, and who merely left."""

import uuid

import pytest

from activity.history.wording import sentence_of
from activity.models import Activity

MODERATOR, PERSON, ACCOUNT = (uuid.UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("actor", "reason", "sentence"),
    [
        (MODERATOR, "kicked", "%(who)s removed %(display_name)s from the live meeting in %(room)s"),
        (MODERATOR, "banned", "%(who)s banned %(display_name)s from the live meeting in %(room)s"),
        (MODERATOR, "sent_to_waiting_room", "%(who)s sent %(display_name)s to the waiting room of %(room)s"),
        (ACCOUNT, "quit", "%(display_name)s left the live meeting in %(room)s"),
        (PERSON, "ended", "%(display_name)s left the live meeting in %(room)s"),
        (ACCOUNT, "kicked", "%(display_name)s left the live meeting in %(room)s"),
    ],
)
def test_leaving_is_told_by_who_caused_it(actor: uuid.UUID, reason: str, sentence: str) -> None:
    data = {"participant_id": str(PERSON), "user_id": str(ACCOUNT), "reason": reason}
    assert sentence_of(Activity(kind="participant.left", actor_id=actor, data=data)) == sentence


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("recording.started", {"target_kind": "recording"}, "%(who)s started to record the live meeting in %(room)s"),
        (
            "recording.paused",
            {"target_kind": "livestream"},
            "%(who)s paused the live stream %(target)s of the live meeting in %(room)s",
        ),
        ("recording.stopped", {"target_kind": "recording"}, "The recording of the live meeting in %(room)s stopped"),
        (
            "recording.consent_changed",
            {"is_given": False},
            "%(display_name)s took back the consent to be recorded in the live meeting in %(room)s",
        ),
        ("meeting.ended", {}, "The live meeting in %(room)s ended"),
    ],
)
def test_recordings_and_ends_are_told_in_words(kind: str, data: dict[str, object], sentence: str) -> None:
    assert sentence_of(Activity(kind=kind, actor_kind="service", data=data)) == sentence


def test_staff_who_end_it_are_named() -> None:
    activity = Activity(kind="meeting.ended", actor_kind=Activity.ActorKind.STAFF, data={})
    assert sentence_of(activity) == "%(who)s ended the live meeting in %(room)s"


@pytest.mark.parametrize(("role", "words"), [("moderator", "a moderator"), ("user", "an ordinary participant")])
def test_role_is_told_in_words(role: str, words: str) -> None:
    activity = Activity(kind="participant.role_changed", actor_id=MODERATOR, data={"role": role})
    assert sentence_of(activity) == f"%(who)s made %(display_name)s {words} of the live meeting in %(room)s"
