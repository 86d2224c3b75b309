"""Answers, choices and schedulers that meet at one organizer, each with a database connection of its own."""

from functools import partial

import pytest

from activity.actors import Actor
from events.digest_models import Digest
from events.services.digests import send_due_digests, set_digest
from events.services.invitations import Proposal, answer_invite
from invites.models import EventInvite, Reply
from mailer.models import OutgoingMail
from tests import factories
from tests.circle import Circle
from tests.parallel import at_once, before_commit

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]
PEOPLE = 8


def crowded(count: int = PEOPLE) -> tuple[Circle, list[EventInvite]]:
    """An organizer who wants to know at once, and one meeting with each of so many people."""
    circle = Circle()
    set_digest(user=circle.alice, actor=Actor.by_api(circle.alice), frequency="at_once")
    for person in factories.users(*(f"guest{number}" for number in range(count))):
        circle.invite(person, event=factories.event(circle.alice))
    return circle, [*EventInvite.objects.exclude(invitee=circle.bob)]


def answer(invite: EventInvite) -> None:
    answer_invite(invite=invite, status="accepted", actor=Actor.by_guest(), via="page")


def told() -> list[str]:
    """Who was told of in all mails."""
    messages = OutgoingMail.objects.filter(kind="answers_digest").values_list("message", flat=True)
    return sorted(
        answer["address"] for message in messages for meeting in message["meetings"] for answer in meeting["answers"]
    )


def test_two_schedulers_tell_each_answer_once() -> None:
    _circle, invites = crowded()
    for invite in invites:
        answer(invite)
    assert sorted(at_once([send_due_digests] * 4)) == [0, 0, 0, 1]
    assert told() == sorted(invite.invitee.email for invite in invites)


@pytest.mark.parametrize("_time", range(2))
def test_answer_that_comes_while_a_mail_is_made_is_told_by_the_next(_time: int) -> None:
    _circle, invites = crowded()
    calls = [*(partial(answer, invite) for invite in invites), *[send_due_digests] * 4]
    at_once(calls)
    send_due_digests()
    assert told() == sorted(invite.invitee.email for invite in invites)
    assert not Reply.objects.exclude(untold_to=None).exists()


def test_first_answers_of_all_make_one_row() -> None:
    _circle, invites = crowded()
    Digest.objects.all().delete()
    at_once([partial(answer, invite) for invite in invites])
    assert Digest.objects.get().due_at is not None
    assert Reply.objects.exclude(untold_to=None).count() == PEOPLE


def test_answer_and_mail_do_not_wait_for_each_other() -> None:
    """The answer overtakes a proposal that the mail tells of: both change its row, and the organizer's."""
    _circle, (invite,) = crowded(1)
    proposal = Proposal(starts_at=invite.event.starts_at, ends_at=invite.event.ends_at, zone="UTC")
    first = answer_invite(invite=invite, status="tentative", actor=Actor.by_guest(), via="page", proposal=proposal)
    before_commit(
        lambda: list(Digest.objects.select_for_update()),
        partial(answer, invite),
        lambda: Reply.objects.filter(pk=first.pk).update(untold_to=None),
    )
    assert Reply.objects.get(pk=first.pk).proposal_state == "overtaken"
