"""A meeting gets another organizer: rights, room, agendas, answers, and what calendars are told."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from icalendar import Calendar, Component
from pytest_django import Settings

from activity.actors import Actor
from events import agenda
from events.models import Event, Favorite
from events.services.events import delete_event
from events.services.handover import UnfitOrganizer, hand_over
from events.services.instances import update_instance
from events.services.invitations import answer_invite
from events.services.series import reschedule_event
from invites.models import Reply
from mailer.models import OutgoingMail
from mailer.preview import part
from mailer.send import deliver_due
from rest.errors import NotFound
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.traces import Traces
from users.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SECOND = datetime(2026, 11, 30, 9, tzinfo=UTC)
WEEKLY = ("RRULE:FREQ=WEEKLY",)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def circle() -> Circle:
    """Alice's weekly meeting with bob, who came, and dora, who has no account; carol is not in it."""
    found = Circle(schedule=factories.schedule(pattern=WEEKLY))
    found.invite("dora@example.org")
    invite = found.event.invites.get()
    answer_invite(invite=invite, status="accepted", actor=Actor.by_api(found.bob), via="api")
    return found


def give(circle: Circle, to: User, *, keeps_former: bool = True, **how: Any) -> None:
    staff = User.objects.filter(username="admin").first() or factories.staff()
    hand_over(event=circle.event, to=to, actor=Actor.by_admin(staff), keeps_former=keeps_former, **how)
    circle.event.refresh_from_db()


def sent() -> list[tuple[str, str, Component]]:
    """Receiver, METHOD and VEVENT of each mail that waited, in the order of sending."""
    mail.outbox.clear()
    deliver_due()
    calendars = [(parseaddr(message.to[0])[1], Calendar.from_ical(part(message, "ics"))) for message in mail.outbox]
    return [(to, str(one["METHOD"]), one.walk("VEVENT")[0]) for to, one in calendars]


def lines(found: list[tuple[str, str, Component]], uid: str) -> list[tuple[str, str]]:
    return sorted((to, method) for to, method, event in found if event["UID"] == uid)


@pytest.mark.slow
def test_meeting_is_the_new_organizers_and_the_former_one_is_invited(circle: Circle) -> None:
    carol = factories.user("carol")
    give(circle, carol)
    assert circle.event.created_by == carol
    assert circle.event.room.created_by == carol
    assert agenda.differences([circle.event]) == []
    assert Api(carol).patch(circle.path, {"title": "Mine"}).status_code == 200
    assert Api(carol).patch(circle.room_path, {"waiting_room": True}).status_code == 200
    assert Api(circle.alice).patch(circle.path, {"title": "Not mine"}).status_code == 403
    assert Api(circle.alice).patch(circle.room_path, {"waiting_room": False}).status_code == 403
    seen = Api(circle.alice).get(circle.path, invitees_max=10).json()
    assert (seen["can_edit"], seen["invite_status"]) == (False, "accepted")
    assert [one["status"] for one in seen["invitees"]] == ["accepted", "accepted", "pending"]


def test_former_organizer_who_is_not_kept_has_nothing_of_it(circle: Circle) -> None:
    Favorite.objects.create(user=circle.alice, event=circle.event)
    give(circle, factories.user("carol"), keeps_former=False)
    assert Api(circle.alice).get(circle.path).status_code == 403
    assert Api(circle.alice).get(circle.room_path).status_code == 403
    assert not Favorite.objects.exists()
    assert agenda.differences([circle.event]) == []


@pytest.mark.slow
def test_new_organizer_who_was_invited_is_so_no_more(circle: Circle) -> None:
    give(circle, circle.bob)
    assert list(circle.event.invites.values_list("invitee__username", flat=True)) == ["alice"]
    assert Reply.objects.get().event_invite is None  # what was answered is kept
    seen = Api(circle.bob).get(circle.path).json()
    assert (seen["can_edit"], seen["created_by"]["email"]) == (True, "bob@example.com")
    assert agenda.differences([circle.event]) == []


@pytest.mark.slow
def test_calendars_get_a_new_entry_where_the_address_was_the_former_organizers(circle: Circle) -> None:
    """One UID never has two ORGANIZERs; who has answered keeps the answer."""
    old = circle.event.uid
    OutgoingMail.objects.all().delete()
    give(circle, circle.bob)
    new = circle.event.uid
    assert new != old
    found = sent()
    assert lines(found, old) == [
        ("alice@example.com", "CANCEL"), ("bob@example.com", "CANCEL"), ("dora@example.org", "CANCEL"),
    ]  # fmt: skip
    assert lines(found, new) == [
        ("alice@example.com", "REQUEST"), ("bob@example.com", "PUBLISH"), ("dora@example.org", "REQUEST"),
    ]  # fmt: skip
    by_uid = {
        uid: {str(event["ORGANIZER"]) for _to, _method, event in found if event["UID"] == uid} for uid in (old, new)
    }
    assert by_uid == {old: {"mailto:alice@example.com"}, new: {"mailto:bob@example.com"}}
    assert {int(event["SEQUENCE"]) for _to, _method, event in found} == {circle.event.sequence}
    (alices,) = (event for to, method, event in found if (to, method) == ("alice@example.com", "REQUEST"))
    assert alices["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


@pytest.mark.slow
def test_mail_says_who_organizes_now_and_what_becomes_of_the_entry(circle: Circle) -> None:
    OutgoingMail.objects.all().delete()
    give(circle, factories.user("carol"))
    mail.outbox.clear()
    deliver_due()
    texts = [message.body for message in mail.outbox if "dora@example.org" in message.to[0]]
    changed, invited = texts
    assert "Organised by: Alice Example\n  → Carol Example" in changed
    assert "Your calendar gets a new entry for the meeting by another mail; this one removes the old entry." in changed
    assert "Carol Example" in invited
    assert [message.subject for message in mail.outbox if "carol@example.com" in message.to[0]] == [
        "Planned: Team meeting"
    ]


@pytest.mark.slow
def test_calendars_keep_the_entry_where_the_address_is_the_meetings_own(settings: Settings) -> None:
    settings.INBOUND_DOMAIN = "in.example.org"
    circle = Circle(schedule=factories.schedule(pattern=WEEKLY))
    before = Event.objects.get()
    give(circle, factories.user("carol"), keeps_former=False)
    now = circle.event
    assert (now.uid, now.organizer_address, now.reply_token) == (
        before.uid,
        before.organizer_address,
        before.reply_token,
    )
    assert (now.organizer_name, now.sequence) == ("Carol Example", before.sequence + 1)
    found = sent()
    assert lines(found, now.uid) == [
        ("alice@example.com", "CANCEL"), ("bob@example.com", "REQUEST"), ("carol@example.com", "PUBLISH"),
    ]  # fmt: skip
    assert {event["ORGANIZER"].params["CN"] for _to, method, event in found if method != "CANCEL"} == {"Carol Example"}
    assert mail.outbox[0].reply_to in (["Carol Example <carol@example.com>"], ["Alice Example <alice@example.com>"])


@pytest.mark.slow
def test_former_organizer_who_is_disabled_is_neither_kept_nor_mailed(circle: Circle) -> None:
    OutgoingMail.objects.all().delete()
    User.objects.filter(pk=circle.alice.pk).update(disabled_since=timezone.now())
    give(circle, factories.user("carol"))
    assert not circle.event.invites.filter(invitee=circle.alice).exists()
    assert not OutgoingMail.objects.filter(address="alice@example.com").exists()
    assert Api(circle.bob).get(circle.path).status_code == 200


@pytest.mark.slow
def test_all_parts_of_a_split_series_go_together(circle: Circle) -> None:
    how: dict[str, Any] = {"actor": Actor.by_api(circle.alice), "schedule": {}, "columns": {"title": "Later"}}
    following = reschedule_event(event=circle.event, starts_from=SECOND, **how)
    OutgoingMail.objects.all().delete()
    give(circle, factories.user("carol"))
    following.refresh_from_db()
    assert following.created_by == circle.event.created_by
    assert agenda.differences([circle.event, following]) == []
    assert len({circle.event.uid, following.uid, str(circle.event.pk), str(following.pk)}) == 4
    assert OutgoingMail.objects.filter(address="dora@example.org").count() == 4


@pytest.mark.slow
def test_what_is_over_is_handed_over_without_a_mail(clock: Any) -> None:
    circle, traces = Circle(), Traces()
    clock.move_to(NOW + timedelta(days=30))
    give(circle, factories.user("carol"))
    assert (circle.event.created_by.username, traces.mails()) == ("carol", [])


def test_meeting_without_time_has_no_entry_to_replace() -> None:
    circle = Circle(schedule=None)
    give(circle, factories.user("carol"))
    kinds = OutgoingMail.objects.order_by("address").values_list("address", "kind")
    assert list(kinds) == [(f"{name}@example.com", "registered_event_update") for name in ("alice", "bob", "carol")]


def test_organizer_that_another_program_named_stays() -> None:
    own = {"calendar_properties": {}, "organizer_name": "Recruiting", "organizer_address": "jobs@example.org"}
    circle = Circle(**own)
    before, traces = circle.event, Traces()
    give(circle, factories.user("carol"))
    now = circle.event
    assert (now.uid, now.organizer_address, now.organizer_name) == (before.uid, "jobs@example.org", "Recruiting")
    assert (now.created_by.username, traces.mails()) == ("carol", [])


@pytest.mark.slow
def test_changed_dates_go_into_the_new_entry(circle: Circle) -> None:
    update_instance(
        event=circle.event, original_starts_at=SECOND, actor=Actor.by_api(circle.alice), columns={}, is_cancelled=True
    )
    OutgoingMail.objects.all().delete()
    give(circle, factories.user("carol"))
    (invitation,) = (event for to, method, event in sent() if (to, method) == ("dora@example.org", "REQUEST"))
    assert "EXDATE" in invitation


@pytest.mark.slow
def test_log_says_who_had_it_and_who_has_it(circle: Circle) -> None:
    traces, carol = Traces(), factories.user("carol")
    give(circle, carol, keeps_former=False)
    assert traces.activities() == [
        ("room.updated", ["bob"]),
        ("event.handed_over", ["alice", "bob", "carol"]),
        ("event.updated", ["bob", "carol"]),
    ]
    room, told, entry = traces.log()
    assert room.changes == {"created_by": ["Alice Example", "Carol Example"]}
    assert told.changes == {
        "created_by": ["Alice Example", "Carol Example"], "organizer_name": ["Alice Example", "Carol Example"],
    }  # fmt: skip
    assert (told.data["creator_id"], told.data["former_creator_id"]) == (str(carol.pk), str(circle.alice.pk))
    assert entry.changes.keys() == {"uid", "organizer_address"}


@pytest.mark.slow
def test_answer_that_waited_is_told_to_the_new_organizer(circle: Circle) -> None:
    carol = factories.user("carol")
    assert Reply.objects.get().untold_to == circle.alice
    give(circle, carol)
    assert Reply.objects.get().untold_to == carol
    assert carol.digest.due_at is not None


def unfit(name: str) -> User:
    match name:
        case "of another tenant":
            return factories.user("foreigner", tenant=factories.tenant("another"))
        case "disabled":
            return factories.user("gone", disabled_since=NOW)
        case _:
            return factories.user("never", registered=False)


@pytest.mark.parametrize("name", ["of another tenant", "disabled", "never here"])
def test_nobody_else_can_have_it(circle: Circle, name: str) -> None:
    to, traces = unfit(name), Traces()
    with pytest.raises(UnfitOrganizer):
        give(circle, to)
    assert traces.is_empty()


def test_own_meeting_is_handed_to_nobody(circle: Circle) -> None:
    traces = Traces()
    give(circle, circle.alice)
    assert traces.is_empty()


def test_deleted_meeting_is_not_found(circle: Circle) -> None:
    delete_event(event=circle.event, actor=Actor.by_api(circle.alice))
    with pytest.raises(NotFound):
        give(circle, circle.bob)
