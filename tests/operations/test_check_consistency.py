"""`manage.py check_consistency`: finds and repairs agenda rows that do not follow from events and invitations."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events import agenda
from events.models import Agenda, Event, Favorite
from invites.models import EmailInvite, Status
from operations.management.commands import check_consistency
from tests import factories
from tests.circle import Circle
from users.models import User

pytestmark = pytest.mark.django_db


def check(**options: Any) -> tuple[list[str], str]:
    """The lines of the answer and, where there are differences, what the command fails with."""
    out, error = io.StringIO(), ""
    try:
        call_command("check_consistency", stdout=out, **options)
    except CommandError as failure:
        error = str(failure)
    return out.getvalue().splitlines(), error


def test_what_services_wrote_is_consistent() -> None:
    circle = Circle()
    circle.invite("eve@example.org")
    circle.invite(factories.user("carol"), role="moderator")
    factories.event(circle.bob, schedule=None)
    assert check() == (["No differences in 2 events"], "")


def test_nothing_is_consistent() -> None:
    assert check() == (["No differences in 0 events"], "")


def test_missing_row_is_reported_and_repaired() -> None:
    circle = Circle()
    Agenda.objects.filter(user=circle.bob).delete()
    line = f"missing: event {circle.event.pk} user {circle.bob.pk}"
    assert check() == ([line], "1 differences found in 1 events: 1 missing")
    assert not Agenda.objects.filter(user=circle.bob).exists()
    assert check(repair=True) == ([line], "1 differences repaired in 1 events: 1 missing")
    assert check() == (["No differences in 1 events"], "")
    assert Agenda.objects.get(user=circle.bob).role == "user"


def test_exit_code_tells_also_where_it_repaired() -> None:
    factories.event(factories.user())
    Agenda.objects.all().delete()
    with pytest.raises(CommandError) as failure:
        call_command("check_consistency", stdout=io.StringIO(), repair=True)
    assert failure.value.returncode == 1


def test_stale_row_is_reported_and_repaired() -> None:
    circle = Circle()
    circle.event.invites.all().delete()
    line = f"stale: event {circle.event.pk} user {circle.bob.pk}"
    assert check(repair=True) == ([line], "1 differences repaired in 1 events: 1 stale")
    assert [row.user for row in Agenda.objects.all()] == [circle.alice]


def test_wrong_row_is_reported_with_its_fields_and_repaired() -> None:
    circle = Circle()
    Agenda.objects.filter(user=circle.bob).update(invite_status=Status.DECLINED, is_favorite=True)
    line = (
        f"wrong: event {circle.event.pk} user {circle.bob.pk}:"
        " is_favorite is True, should be False; invite_status is declined, should be pending"
    )
    assert check(repair=True) == ([line], "1 differences repaired in 1 events: 1 wrong")
    assert check() == (["No differences in 1 events"], "")


@pytest.mark.parametrize("name", agenda.WRITTEN)
def test_each_column_is_compared(name: str) -> None:
    event = factories.event(factories.user(), schedule=factories.schedule(pattern=("RRULE:FREQ=DAILY;COUNT=3",)))
    other = {
        "role": "moderator", "sort_at": Agenda.NO_TIME, "last_end_at": Agenda.NO_END, "created_at": Agenda.NO_TIME,
        "is_favorite": True, "invite_status": "declined", "is_adhoc": True, "interval_node": 0,
    }  # fmt: skip
    Agenda.objects.update(**{name: other[name]})
    assert [list(difference.fields) for difference in agenda.differences([event])] == [[name]]


def test_favourite_without_its_row_is_wrong() -> None:
    circle = Circle()
    Favorite.objects.create(user=circle.bob, event=circle.event)
    lines, _error = check()
    assert lines[0].endswith("is_favorite is False, should be True")


@pytest.mark.slow
def test_events_of_all_batches_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_consistency, "BATCH", 2)
    alice = factories.user()
    for number in range(5):
        factories.event(alice, title=str(number))
    assert check() == (["No differences in 5 events"], "")
    Agenda.objects.all().delete()
    lines, error = check(repair=True)
    assert (len(lines), error) == (5, "5 differences repaired in 5 events: 5 missing")
    assert check() == (["No differences in 5 events"], "")


@pytest.mark.slow
def test_statements_of_a_batch_do_not_grow_with_it() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            check()
        return len(captured)

    circle = Circle()
    few = statements()
    for number in range(10):
        circle.invite(factories.user())
        factories.event(circle.alice, title=str(number))
    # The batch, its rows, invitations, favourites; no second batch; and the texts of three tables.
    assert statements() == few == 8


def test_what_changed_between_two_reads_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch was read, then a service committed, then the agenda was read."""
    circle = Circle()
    moved = Event.objects.get(pk=circle.event.pk)
    moved.is_adhoc = True
    monkeypatch.setattr(check_consistency, "_batches", lambda: iter([[moved]]))
    assert agenda.differences([moved])
    assert check(repair=True) == (["No differences in 1 events"], "")


def test_long_run_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_consistency, "PROGRESS_SECONDS", 0.0)
    Circle()
    progress = io.StringIO()
    call_command("check_consistency", stdout=io.StringIO(), stderr=progress)
    assert progress.getvalue() == "1 events checked, 0 differences\n"


def test_text_that_does_not_follow_from_its_row_is_reported_and_repaired() -> None:
    circle = Circle()
    circle.invite("eve@example.org")
    User.objects.filter(pk=circle.bob.pk).update(search_text="robert")
    EmailInvite.objects.update(search_text="")
    Event.objects.update(title="Changed behind the services")
    lines = [
        f"unsearchable: event {circle.event.pk}",
        f"unsearchable: emailinvite {EmailInvite.objects.get().pk}",
        f"unsearchable: user {circle.bob.pk}",
    ]
    assert check() == (lines, "3 differences found in 1 events: 3 unsearchable")
    assert check(repair=True) == (lines, "3 differences repaired in 1 events: 3 unsearchable")
    assert check() == (["No differences in 1 events"], "")
    assert Event.objects.get().search_text == "changed behind the services"
    assert User.objects.get(pk=circle.bob.pk).search_text == "bob example bob example bob@example.com"
