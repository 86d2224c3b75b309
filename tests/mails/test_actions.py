"""Each action sends one mail per person, with a calendar object newer than all that this person got before."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar, Component

from activity.models import Activity
from events import mails
from events.models import SharedFolder
from events.services.invitations import answer_invite
from events.services.rooms import delete_room_and_events
from events.services.shared_folders import remove_shared_folder
from events.services.streaming import add_streaming_target, delete_streaming_target, update_streaming_target
from invites.models import InviteCode
from invites.services import revoke_code
from mailer.models import OutgoingMail
from mailer.render import render
from tests import factories
from tests.factories import schedule
from tests.mails.scenes import (
    ADDRESSES,
    MONDAYS,
    PHASES,
    SECRETS,
    SHAPES,
    START,
    STREAMING_KEY,
    WEEK,
    Scene,
    hours,
    mails_of,
)
from tests.mails.test_calendar_objects import calendar_of
from tests.replayed import replayed
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db
Act = Callable[[Scene], object]
EVERYBODY = {"alice@example.com", *ADDRESSES}


@pytest.fixture(autouse=True)
def phone(settings: Any) -> None:
    settings.CALL_IN_TEL = "+49 30 1234567"


@pytest.fixture
def scene() -> Scene:
    """A weekly meeting with everybody in it, and nothing queued."""
    return replayed(Scene.of_everybody, schedule=hours(0, 1, pattern=MONDAYS))


def change_all(scene: Scene) -> None:
    """All that the frontend's form can change at once."""
    schedule = vars(hours(2, 4, pattern=()))
    scene.update(title="Other", description="Other", password="other", waiting_room=True, schedule=schedule)


def add_stream(scene: Scene) -> None:
    add_streaming_target(room=scene.event.room, **(factories.STREAM | {"name": "Second"}), **scene.how)


def change_stream(scene: Scene) -> None:
    target = scene.event.room.streaming_targets.get()
    update_streaming_target(target=target, public_url="https://video.example.org/43", **scene.how)


def delete_stream(scene: Scene) -> None:
    delete_streaming_target(target=scene.event.room.streaming_targets.get(), **scene.how)


def delete_folder(scene: Scene) -> None:
    remove_shared_folder(event=scene.event, is_forced=True, **scene.how)


def delete_room(scene: Scene) -> None:
    delete_room_and_events(room=scene.event.room, **scene.how)


ACTIONS: list[Act] = [
    lambda scene: scene.update(title="Other"),
    lambda scene: scene.update(password="other"),
    change_all,
    Scene.lose_time,
    lambda scene: scene.move_instance(1),
    lambda scene: scene.cancel_instance(1),
    add_stream,
    change_stream,
    delete_stream,
    delete_folder,
    Scene.delete,
    delete_room,
]


@sweep("act", ACTIONS, fast=6)
def test_an_action_mails_each_person_once(scene: Scene, act: Act) -> None:
    act(scene)
    assert Counter(OutgoingMail.objects.values_list("address", flat=True)) == dict.fromkeys(EVERYBODY, 1)


@pytest.mark.slow
def test_invitation_and_its_end_mail_that_person_once(scene: Scene) -> None:
    scene.uninvite()
    scene.invite()
    addresses = OutgoingMail.objects.values_list("address", "kind")
    assert Counter(addresses) == {
        (address, f"{person}_event_{action}"): 1
        for address, person in ADDRESSES.items()
        for action in ("uninvite", "invite")
    }


def test_this_and_following_mails_each_person_once_for_each_calendar_entry(scene: Scene) -> None:
    """A calendar object is about one UID (RFC 5546 3.2.2), and programs act on one object in a mail."""
    scene.reschedule()
    found = Counter((mail.address, mail.message["event"]["uid"]) for mail in OutgoingMail.objects.all())
    assert set(found.values()) == {1}
    assert Counter(address for address, _uid in found) == dict.fromkeys(EVERYBODY, 2)


@sweep("act", ACTIONS, fast=4)
def test_nobody_is_mailed_twice_where_the_same_is_said_again(scene: Scene, act: Act) -> None:
    act(scene)
    OutgoingMail.objects.all().delete()
    if act in ACTIONS[:6]:
        act(scene)
        assert not OutgoingMail.objects.exists()


# --- what calendars see of it ---


def events_of(address: str) -> list[Component]:
    """The VEVENTs that were mailed to somebody, in order."""
    mails = OutgoingMail.objects.filter(address=address).order_by("sequence", "created_at")
    objects = [data for data in map(calendar_of, mails) if data is not None]
    return [event for data in objects for event in Calendar.from_ical(data).walk("VEVENT")[:1]]


def live(scene: Scene) -> None:
    """A long life of a meeting."""
    scene.update(title="Other")
    scene.move_instance(1)
    scene.cancel_instance(2)
    scene.update(description="Other")
    scene.lose_time()
    scene.plan(hours(3, 4))
    add_stream(scene)
    scene.delete()


@pytest.mark.slow
def test_each_calendar_object_is_newer_than_the_one_before(scene: Scene) -> None:
    live(scene)
    statuses = ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    for address in EVERYBODY:
        events = events_of(address)
        assert [event["SEQUENCE"] for event in events] == list(range(1, 9)), address
        assert [event["STATUS"] for event in events] == statuses, address


@pytest.mark.slow
def test_uninvitation_raises_the_sequence_for_all_that_follows(scene: Scene) -> None:
    scene.uninvite()
    scene.update(title="Other")
    found = OutgoingMail.objects.order_by("sequence").values_list("kind", "sequence")
    assert [sequence for _kind, sequence in found] == [1, 2, 3, 4]
    assert len({kind for kind, _sequence in found}) == 4


@pytest.mark.slow
def test_meeting_is_known_by_the_same_names_for_ever(scene: Scene) -> None:
    """Whoever changes, and whatever becomes of the organizer's account."""
    scene.alice.first_name, scene.alice.email = "Alicia", "alicia@example.com"
    scene.alice.save()
    live(scene)
    events = events_of("bob@example.com")
    assert {str(event["UID"]) for event in events} == {scene.event.uid}
    assert {(str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) for event in events} == {
        ("mailto:alice@example.com", "Alice Example")
    }


@pytest.mark.slow
def test_meeting_without_time_is_in_no_calendar(scene: Scene) -> None:
    scene.lose_time()
    OutgoingMail.objects.all().delete()
    scene.update(title="Other")
    scene.uninvite()
    scene.invite()
    scene.delete()
    assert OutgoingMail.objects.count() == 4 + 3 + 3 + 4
    assert [calendar_of(mail) for mail in OutgoingMail.objects.all()] == [None] * 14


@pytest.mark.slow
def test_organizer_is_told_and_not_asked(scene: Scene) -> None:
    """PUBLISH, or CANCEL of what is off; whatever the organizer's address is by now."""
    scene.alice.email = "alicia@example.com"
    scene.alice.save()
    for act, method in (
        (lambda: scene.update(title="Other"), "PUBLISH"),
        (lambda: scene.move_instance(1), "PUBLISH"),
        (lambda: scene.cancel_instance(2), "CANCEL"),
        (scene.delete, "CANCEL"),
    ):
        OutgoingMail.objects.all().delete()
        act()
        own, invited = (
            calendar_of(OutgoingMail.objects.get(address=address)) or b""
            for address in ("alicia@example.com", "bob@example.com")
        )
        assert f"\r\nMETHOD:{method}\r\n".encode() in own
        assert (b"\r\nATTENDEE" in own, b"RSVP" in own) == (method == "CANCEL", False)
        assert (b"METHOD:REQUEST" in invited) is (b"RSVP=TRUE" in invited) is (method == "PUBLISH")


@pytest.mark.slow
def test_parts_of_a_split_series_are_related_and_one_thread(scene: Scene) -> None:
    first = scene.event
    scene.reschedule()
    second = scene.event
    related = {mail.event_id: [calendar_of(mail), render(mail)] for mail in OutgoingMail.objects.all()}
    for event, other in ((first, second), (second, first)):
        data, mail = related[event.pk]
        for component in Calendar.from_ical(data).walk("VEVENT"):
            assert (component["RELATED-TO"], component["RELATED-TO"].params["RELTYPE"]) == (other.uid, "SIBLING")
        assert mail.extra_headers["References"] == related[first.pk][1].extra_headers["References"]


@pytest.mark.slow
def test_meeting_that_was_never_split_is_related_to_none(scene: Scene) -> None:
    scene.update(title="Other")
    assert [b"RELATED-TO" in (calendar_of(mail) or b"") for mail in OutgoingMail.objects.all()] == [False] * 4


def test_building_mails_makes_no_rows(scene: Scene) -> None:
    """Guest codes are made when people are told, not when a message is put together."""
    invite = scene.event.email_invites.get(email="dora@example.org")
    revoke_code(code=invite.invite_code, user=scene.alice, actor=scene.how["actor"])
    before = InviteCode.objects.count(), Activity.objects.count()
    (message,) = mails.build("update", scene.event, [invite], {}, scene.alice)
    assert (InviteCode.objects.count(), Activity.objects.count()) == before
    assert message.invite_code == str(invite.invite_code.code)
    scene.update(title="Other")
    assert OutgoingMail.objects.get(address="dora@example.org").message["invite_code"] != message.invite_code


# --- answers ---


def partstat(scene: Scene, act: Act) -> list[str]:
    """bob's, in all events of the mail that the act causes."""
    OutgoingMail.objects.all().delete()
    act(scene)
    data = calendar_of(OutgoingMail.objects.get(address="bob@example.com"))
    assert data is not None
    return [event["ATTENDEE"].params["PARTSTAT"] for event in Calendar.from_ical(data).walk("VEVENT")]


def events_of_later_part(scene: Scene) -> list[Component]:
    """bob's, of a series that was split."""
    data = calendar_of(OutgoingMail.objects.get(address="bob@example.com", event_id=scene.event.pk))
    assert data is not None
    return list(Calendar.from_ical(data).walk("VEVENT"))


@pytest.fixture
def accepted(scene: Scene) -> Scene:
    answer_invite(invite=scene.event.invites.get(), status="accepted", via="api", **scene.how)
    return scene


@pytest.mark.slow
@pytest.mark.parametrize(
    "act",
    [
        lambda scene: scene.update(title="Other"),
        lambda scene: scene.update(description="Other", password="other"),
        lambda scene: scene.plan(hours(0, 2, pattern=MONDAYS)),
        add_stream,
        delete_folder,
    ],
)
def test_change_that_leaves_the_time_resets_no_answer(accepted: Scene, act: Act) -> None:
    assert partstat(accepted, act) == ["ACCEPTED"]


@pytest.mark.slow
@pytest.mark.parametrize("when", [hours(1, 2, pattern=MONDAYS), hours(0, 1), schedule(starts_at_zone="Europe/Rome")])
def test_new_time_asks_anew(accepted: Scene, when: Any) -> None:
    assert partstat(accepted, lambda scene: scene.plan(when)) == ["NEEDS-ACTION"]


def answer(scene: Scene, status: str, week: int | None = None) -> None:
    """bob's, to the series or to one occurrence."""
    occurrence = None if week is None else START + week * WEEK
    answer_invite(invite=scene.event.invites.get(), status=status, occurrence=occurrence, via="api", **scene.how)


@pytest.mark.slow
def test_answer_to_one_occurrence_is_told_with_it(accepted: Scene) -> None:
    accepted.move_instance(1)
    answer(accepted, "declined", week=1)
    accepted.move_instance(2)
    answer(accepted, "tentative", week=2)
    assert partstat(accepted, lambda scene: scene.update(title="Other")) == ["ACCEPTED", "DECLINED", "TENTATIVE"]
    assert partstat(accepted, lambda scene: scene.retitle_instance(1)) == ["DECLINED"]


@pytest.mark.slow
def test_occurrence_that_is_moved_is_asked_anew(accepted: Scene) -> None:
    assert partstat(accepted, lambda scene: scene.retitle_instance(1)) == ["ACCEPTED"]
    assert partstat(accepted, lambda scene: scene.move_instance(1)) == ["NEEDS-ACTION"]
    answer(accepted, "accepted", week=1)
    assert partstat(accepted, lambda scene: scene.retitle_instance(1)) == ["ACCEPTED"]
    assert partstat(accepted, lambda scene: scene.move_instance(1, hour=18)) == ["NEEDS-ACTION"]


@pytest.mark.slow
def test_answer_to_the_series_is_no_answer_to_what_was_moved_later(accepted: Scene) -> None:
    accepted.move_instance(1)
    assert partstat(accepted, lambda scene: scene.update(title="Other")) == ["ACCEPTED", "NEEDS-ACTION"]
    answer(accepted, "accepted")
    assert partstat(accepted, lambda scene: scene.update(title="Another")) == ["ACCEPTED", "ACCEPTED"]


@pytest.mark.slow
def test_occurrence_that_was_moved_stays_open_in_the_later_part(accepted: Scene) -> None:
    accepted.move_instance(5)
    OutgoingMail.objects.all().delete()
    accepted.reschedule()
    later = events_of_later_part(accepted)
    assert [event["ATTENDEE"].params["PARTSTAT"] for event in later] == ["ACCEPTED", "NEEDS-ACTION"]


@pytest.mark.slow
def test_answers_to_occurrences_stay_with_their_days(accepted: Scene) -> None:
    accepted.move_instance(1)
    answer(accepted, "declined", week=1)
    accepted.plan(hours(2, 3, pattern=MONDAYS))
    accepted.plan(hours(0, 1, pattern=MONDAYS))
    assert partstat(accepted, lambda scene: scene.update(title="Other")) == ["NEEDS-ACTION", "DECLINED"]
    assert partstat(accepted, lambda scene: scene.retitle_instance(1)) == ["DECLINED"]


# --- secrets ---


@pytest.mark.slow
@sweep("shape", SHAPES, fast=2)
def test_queue_holds_no_streaming_key_and_no_way_in_for_those_who_are_out(shape: str) -> None:
    for phase, queued in mails_of(SHAPES[shape]).items():
        for mail in queued:
            text = str(mail.message) + str(calendar_of(mail))
            assert STREAMING_KEY not in text
            if phase in PHASES[2:]:
                assert [secret for secret in (*SECRETS, "invite_code", "/room/") if secret in text] == []
            elif "external" in mail.kind:
                assert "open sesame" in text


def test_everybody_but_the_creator_gets_the_folder_to_read_only(scene: Scene) -> None:
    assert SharedFolder.objects.get().write_password
    scene.update(title="Other")
    for mail in OutgoingMail.objects.all():
        assert ("folder-password-to-write" in str(mail.message)) is (mail.address == "alice@example.com")
