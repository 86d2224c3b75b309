"""The small pages that links in mails lead to, where no frontend is set."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from activity.actors import Actor
from events.models import Event
from events.services.invitations import invite_email
from invites.models import InviteCode
from invites.services import create_code
from tests import factories
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


@pytest.fixture
def event(alice: User, settings: Settings) -> Event:
    settings.CALL_IN_TEL = "+4930123456"
    return factories.event(
        alice, schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)), description="Inside only"
    )


def page(path: str, user: User | None = None, status: int = 200) -> str:
    client = Client(headers={"Accept-Language": "en"})
    if user is not None:
        client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def paths(event: Event) -> list[str]:
    return [f"/room/{event.room_id}", f"/dashboard/meetings/{event.pk}"]


def test_number_with_blanks_is_dialled_without(event: Event, alice: User, settings: Settings) -> None:
    settings.CALL_IN_TEL = "+49 30 123456"
    config = event.room.sip_config
    html = page(f"/room/{event.room_id}", alice)
    assert f'<a href="tel:+4930123456,,{config.sip_id},,{config.password}">+49 30 123456</a>' in html


def test_anonymous_learns_nothing_and_is_asked_to_sign_in(event: Event) -> None:
    for path in [*paths(event), f"/room/{uuid.uuid4()}"]:
        text = page(path)
        assert f"/login/?next={path}" in text
        assert event.title not in text


def test_stranger_sees_the_same_page_for_every_meeting(event: Event) -> None:
    mallory = factories.user("mallory")
    texts = {page(path, mallory, status=403) for path in [*paths(event), f"/room/{uuid.uuid4()}"]}
    assert len({text.split("<main")[1].split("</main>")[0] for text in texts}) == 1


def test_who_is_in_it_sees_time_in_his_zone_and_dial_in(event: Event, alice: User) -> None:
    alice.time_zone = "America/New_York"
    alice.save(update_fields=["time_zone"])
    for path in paths(event):
        text = page(path, alice)
        assert "Team meeting" in text
        assert "04:00\u00a0– 05:00 (New York)" in text
        assert event.room.sip_config.password in text
        assert "Inside only" in text


def test_account_that_never_used_the_api_sees_what_its_address_was_invited_to(event: Event, alice: User) -> None:
    charlie = factories.user("charlie", registered=False)
    invite_email(event=event, email=charlie.email, actor=Actor.by_api(alice), suppress_mail=True)
    assert "Team meeting" in page(f"/dashboard/meetings/{event.pk}", charlie)
    charlie.refresh_from_db()
    assert not charlie.is_registered


def guest_code(event: Event, alice: User) -> InviteCode:
    return create_code(room=event.room, user=alice, actor=Actor.by_api(alice))


def test_guest_sees_title_and_time_but_no_dial_in(event: Event, alice: User) -> None:
    text = page(f"/invite/{guest_code(event, alice).code}")
    assert "Team meeting" in text
    assert 'data-starts-at="20' in text
    assert event.room.sip_config.password not in text
    assert "Inside only" not in text


def test_guest_sees_dial_in_where_the_meeting_shows_details(event: Event, alice: User) -> None:
    Event.objects.filter(pk=event.pk).update(show_meeting_details=True)
    assert event.room.sip_config.password in page(f"/invite/{guest_code(event, alice).code}")


def test_code_that_opens_nothing_is_a_friendly_404(event: Event, alice: User) -> None:
    expired = guest_code(event, alice)
    InviteCode.objects.filter(pk=expired.pk).update(expiration=timezone.now() - timedelta(seconds=1))
    for code in (expired.pk, uuid.uuid4()):
        assert "You cannot open this link" in page(f"/invite/{code}", status=404)


def test_looking_changes_nothing(event: Event) -> None:
    assert Client().post(f"/room/{event.room_id}").status_code == 405


def test_frontend_elsewhere_owns_these_paths(event: Event, alice: User, settings: Settings) -> None:
    settings.SERVES_PAGES = False
    for path in [*paths(event), "/", "/dashboard", f"/invite/{guest_code(event, alice).code}"]:
        page(path, alice, status=404)


def test_pages_speak_the_reader_s_language(event: Event, alice: User) -> None:
    client = Client(headers={"Accept-Language": "de-DE,de;q=0.9"})
    client.force_login(alice)
    text = client.get(f"/dashboard/meetings/{event.pk}").content.decode()
    assert 'lang="de"' in text
    assert "jede Woche am Montag" in text
