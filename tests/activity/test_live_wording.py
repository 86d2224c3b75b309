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


@pytest.mark.parametrize(("role", "words"), [("moderator", "a moderator"), ("user", "an ordinary participant")])
def test_role_is_told_in_words(role: str, words: str) -> None:
    activity = Activity(kind="participant.role_changed", actor_id=MODERATOR, data={"role": role})
    assert sentence_of(activity) == f"%(who)s made %(display_name)s {words} of the live meeting in %(room)s"
