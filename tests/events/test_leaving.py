"""An account is disabled, and staff decide what becomes of its meetings; a meeting gets another organizer by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activity.actors import Actor
from events.models import Event
from events.services.events import create_event
from events.services.handover import UnfitOrganizer
from events.services.leaving import Decision, Fate, disable_people
from events.services.series import reschedule_event
from mailer.models import OutgoingMail
from rooms.models import Room
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.staff.asking import answer_of, ask, confirmed
from tests.staff.holding import browser_of, with_role
from tests.traces import Traces
from users.models import User
from users.roles import SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEAVE = Decision(Fate.LEAVE)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser() -> Client:
    return browser_of(factories.staff())


@pytest.fixture
def circle() -> Circle:
    """Alice has three meetings ahead, one of them with bob, and one that is over."""
    found = Circle(title="First")
    for number, title in enumerate(("Second", "Third", "Over")):
        start = NOW + timedelta(days=7 * number + 2) if title != "Over" else NOW - timedelta(days=9)
        hours = factories.schedule(starts_at=start, ends_at=start + timedelta(hours=1))
        create_event(
            creator=found.alice, actor=Actor.by_api(found.alice), title=title, schedule=hours, suppress_mail=True
        )
    return found


def page(person: User, name: str = "disable") -> str:
    return reverse(f"admin:users_user_{name}", args=[person.pk])


def owners() -> dict[str, str]:
    return dict(Event.objects.values_list("title", "created_by__username"))


def test_meetings_are_left_handed_over_and_cancelled(circle: Circle) -> None:
    carol, actor = factories.user("carol"), Actor.by_admin(factories.staff())
    second = Event.objects.get(title="Second")
    disable_people(
        people=[circle.alice],
        actor=actor,
        decisions={circle.event.pk: Decision(Fate.HAND_OVER, carol), second.pk: Decision(Fate.CANCEL)},
        otherwise=LEAVE,
    )
    assert owners() == {"First": "carol", "Third": "alice", "Over": "alice"}
    assert not Room.objects.filter(pk=second.room_id).exists()
    circle.alice.refresh_from_db()
    assert circle.alice.disabled_since == timezone.now()
    assert not OutgoingMail.objects.filter(address="alice@example.com").exists()


@pytest.mark.slow
def test_series_that_was_split_is_cancelled_from_its_running_part_on(circle: Circle, clock: Any) -> None:
    Event.objects.exclude(pk=circle.event.pk).delete()
    weekly = Circle.__new__(Circle)
    weekly.event = create_event(
        creator=circle.alice,
        actor=Actor.by_api(circle.alice),
        title="Weekly",
        schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)),
    )
    cut = datetime(2026, 12, 7, 9, tzinfo=UTC)
    how: dict[str, Any] = {"actor": Actor.by_api(circle.alice), "schedule": {}, "columns": {}}
    reschedule_event(event=weekly.event, starts_from=cut, **how)
    clock.move_to(cut + timedelta(days=1))
    disable_people(
        people=[circle.alice], actor=Actor.by_admin(factories.staff()), decisions={}, otherwise=Decision(Fate.CANCEL)
    )
    assert list(Event.objects.filter(title="Weekly").values_list("pk", flat=True)) == [weekly.event.pk]


def test_who_is_disabled_gets_no_meeting(circle: Circle) -> None:
    bob, traces = circle.bob, Traces()
    with pytest.raises(UnfitOrganizer):
        disable_people(
            people=[circle.alice, bob],
            actor=Actor.by_admin(factories.staff()),
            decisions={},
            otherwise=Decision(Fate.HAND_OVER, bob),
        )
    assert traces.is_empty()


@pytest.mark.slow
def test_page_names_the_effect_and_does_what_was_confirmed(circle: Circle, browser: Client) -> None:
    carol = factories.user("carol")
    text = browser.get(page(circle.alice)).content.decode()
    assert "Alice Example – 3 meetings that are not over" in text
    third = Event.objects.get(title="Third")
    given = {"fate": "hand_over", "to": carol.pk, f"fate_{third.pk}": "leave"}
    asked = ask(browser, page(circle.alice), given)
    told = asked.content.decode()
    assert "1 account is disabled and signed out on all devices." in told
    assert "4 mails will be sent." in told
    assert "1 meeting stays in calendars, but nobody can open or join it" in told
    assert owners()["First"] == "alice"
    assert browser.post(page(circle.alice), answer_of(asked)).status_code == 302
    assert owners() == {"First": "carol", "Second": "carol", "Third": "alice", "Over": "alice"}
    assert OutgoingMail.objects.count() == 4


@pytest.mark.slow
def test_each_meeting_can_go_to_somebody_else(circle: Circle, browser: Client) -> None:
    carol, erik = factories.users("carol", "erik")
    second = Event.objects.get(title="Second")
    own = {f"fate_{second.pk}": "hand_over", f"to_{second.pk}": erik.pk, f"fate_{circle.event.pk}": "cancel"}
    assert confirmed(browser, page(circle.alice), {"fate": "hand_over", "to": carol.pk} | own).status_code == 302
    assert owners() == {"Second": "erik", "Third": "carol", "Over": "alice"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nobody", "foreigner"])
def test_form_says_who_is_missing_or_does_not_fit(circle: Circle, browser: Client, name: str) -> None:
    factories.user("foreigner", tenant=factories.tenant("another"))
    to = User.objects.filter(username=name).first()
    answer = browser.post(page(circle.alice), {"fate": "hand_over", "to": to.pk if to else ""})
    assert answer.context["form"].errors.keys() == {"to"}
    circle.alice.refresh_from_db()
    assert circle.alice.is_active


@pytest.mark.slow
def test_person_without_meetings_is_disabled_after_one_question(browser: Client) -> None:
    bob = factories.user("bob")
    assert "0 meetings" in browser.get(page(bob)).content.decode()
    assert confirmed(browser, page(bob), {"fate": "leave"}).status_code == 302
    bob.refresh_from_db()
    assert not bob.is_active
    assert Api(bob).get("/v1/users/me").status_code == 403


@pytest.mark.slow
def test_enabled_account_has_its_meetings_again(circle: Circle, browser: Client) -> None:
    confirmed(browser, page(circle.alice), {"fate": "leave"})
    assert Api(circle.bob).get(circle.path).status_code == 403
    assert "can sign in again" in browser.get(page(circle.alice, "enable")).content.decode()
    assert browser.post(page(circle.alice, "enable")).status_code == 302
    assert Api(circle.bob).get(circle.path).status_code == 200


@pytest.mark.slow
def test_several_accounts_are_disabled_by_one_action(circle: Circle, browser: Client) -> None:
    carol, path = factories.user("carol"), reverse("admin:users_user_changelist")
    chosen = {"action": "disable", "_selected_action": [circle.alice.pk, circle.bob.pk], "index": "0"}
    form = browser.post(path, chosen)
    assert "Bob Example – 0 meetings" in form.content.decode()
    assert confirmed(browser, path, chosen | {"fate": "hand_over", "to": carol.pk}).status_code == 302
    assert set(owners().values()) == {"alice", "carol"}
    assert User.objects.exclude(disabled_since=None).count() == 2


@pytest.mark.slow
def test_only_who_may_change_meetings_decides_about_them(circle: Circle) -> None:
    boss = with_role(TENANT_ADMINISTRATOR)
    offered = browser_of(boss).get(page(circle.alice)).context["form"].fields["fate"].choices
    assert [fate for fate, _label in offered] == ["leave", "hand_over", "cancel"]
    boss.groups.get().permissions.remove(*boss.groups.get().permissions.filter(content_type__app_label="events"))
    form = browser_of(User.objects.get(pk=boss.pk)).get(page(circle.alice)).context["form"]
    assert [fate for fate, _label in form.fields["fate"].choices] == ["leave"]
    assert "to" not in form.fields


@pytest.mark.slow
def test_who_may_only_look_changes_nothing(circle: Circle) -> None:
    support, traces = browser_of(with_role(SUPPORT)), Traces()
    for path in (page(circle.alice), page(circle.alice, "enable"), hand_over_page(circle.event)):
        assert support.get(path).status_code == 403
        assert support.post(path, {"fate": "leave", "to": circle.bob.pk}).status_code == 403
    assert traces.is_empty()


# --- one meeting ---


def hand_over_page(event: Event) -> str:
    return reverse("admin:events_event_hand_over", args=[event.pk])


@pytest.mark.slow
def test_one_meeting_is_handed_over_after_the_effect_was_named(circle: Circle, browser: Client) -> None:
    carol = factories.user("carol")
    change = browser.get(reverse("admin:events_event_change", args=[circle.event.pk])).content.decode()
    assert f'href="{hand_over_page(circle.event)}"' in change
    asked = ask(browser, hand_over_page(circle.event), {"to": carol.pk, "keeps_former": "on"})
    told = asked.content.decode()
    assert "<td>Organizer</td><td>Alice Example</td><td>Carol Example</td>" in told
    assert "5 mails will be sent." in told
    assert owners()["First"] == "alice"
    assert browser.post(hand_over_page(circle.event), answer_of(asked)).status_code == 302
    assert owners()["First"] == "carol"
    assert circle.event.invites.filter(invitee=circle.alice).exists()


@pytest.mark.slow
def test_meeting_is_not_handed_to_a_foreigner(circle: Circle, browser: Client) -> None:
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    answer = browser.post(hand_over_page(circle.event), {"to": foreigner.pk})
    assert answer.context["form"].errors.keys() == {"to"}


@pytest.mark.slow
def test_organizers_are_found_as_one_types(circle: Circle) -> None:
    factories.user("foreigner", tenant=factories.tenant("another"))
    boss = browser_of(with_role(TENANT_ADMINISTRATOR))
    asked = {"app_label": "events", "model_name": "event", "field_name": "created_by", "term": "example.com"}
    found = boss.get("/admin/autocomplete/", asked).json()["results"]
    assert {row["text"] for row in found} >= {"Alice Example", "Bob Example"}
    assert "Foreigner Example" not in {row["text"] for row in found}
