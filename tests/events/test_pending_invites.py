"""users/me/pending_invites: how many invitations wait for an answer."""

import pytest

from invites.models import Status
from tests import factories
from tests.api import Api
from tests.circle import Circle
from users.models import User

pytestmark = pytest.mark.django_db
PATH = "/v1/users/me/pending_invites"


def count(user: User) -> int:
    answer = Api(user).get(PATH)
    assert answer.status_code == 200
    return answer.json()["total_pending_invites"]


def test_own_invitations_without_answer_are_counted():
    circle = Circle()
    second = factories.event(circle.alice)
    circle.invite(circle.bob, event=second)
    assert (count(circle.bob), count(circle.alice)) == (2, 0)


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.TENTATIVE, Status.DECLINED])
def test_answered_ones_are_not(status):
    circle = Circle()
    circle.event.invites.update(status=status)
    assert count(circle.bob) == 0


def test_meetings_of_disabled_people_are_hidden():
    circle = Circle()
    User.objects.filter(pk=circle.alice.pk).update(disabled_since="2026-11-23T09:00:00Z")
    assert count(circle.bob) == 0


@pytest.mark.slow
@pytest.mark.parametrize("meetings", [1, 10])
def test_statements(meetings, django_assert_num_queries):
    circle = Circle()
    for _number in range(meetings - 1):
        circle.invite(circle.bob, event=factories.event(circle.alice))
    api = Api(circle.bob)
    with django_assert_num_queries(2):
        api.get(PATH)
