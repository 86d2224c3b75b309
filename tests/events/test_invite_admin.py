"""Invitations in the admin: found, sent again, taken back."""

from typing import Any

import pytest
from django.test import Client

from activity.actors import Actor
from activity.models import Activity
from events.models import Event
from events.services.resend import OutdatedMail, resend_invitation
from invites.models import EmailInvite, EventInvite, InviteCode
from mailer.models import OutgoingMail
from mailer.suppression import suppress
from tests import factories
from tests.circle import Circle
from tests.staff.asking import answer_of, ask, confirmed
from tests.staff.holding import browser_of, with_role
from users.models import User
from users.roles import SUPPORT
from users.services import update_account

pytestmark = pytest.mark.django_db
BY_ACCOUNT, BY_MAIL = "/admin/invites/eventinvite/", "/admin/invites/emailinvite/"


@pytest.fixture
def staff() -> Client:
    return browser_of(factories.staff())


@pytest.fixture
def circle(settings: Any) -> Circle:
    settings.EVENT_INVITE_EXTERNAL = True
    circle = Circle()
    circle.invite("dora@example.org")
    return circle


def found(client: Client, path: str, **query: str) -> list[str]:
    return [str(row) for row in client.get(path, query).context["cl"].result_list]


def action(name: str, *rows: Any) -> dict[str, Any]:
    return {"action": name, "_selected_action": [str(row.pk) for row in rows]}


@pytest.mark.slow
def test_invitations_are_searched_and_filtered(staff: Client, circle: Circle) -> None:
    factories.event(factories.user("carl"), title="Other")
    for query in (
        {"q": "bob"},
        {"q": "team meeting"},
        {"q": str(circle.event.pk)},
        {"q": str(circle.bob.pk)},
        {"status": "pending"},
        {"meeting": "ahead"},
        {"role": "user"},
    ):
        assert found(staff, BY_ACCOUNT, **query) == ["Bob Example"], query
    for query in ({"q": "carl"}, {"status": "accepted"}, {"meeting": "over"}):
        assert found(staff, BY_ACCOUNT, **query) == [], query
    assert found(staff, BY_MAIL, q="dora@") == ["dora@example.org"]
    assert found(staff, BY_MAIL, status="declined") == []


@pytest.mark.slow
def test_page_leads_to_the_mails_and_the_door_and_shows_no_token(staff: Client, circle: Circle) -> None:
    for path, invite in ((BY_ACCOUNT, EventInvite.objects.get()), (BY_MAIL, EmailInvite.objects.get())):
        text = staff.get(f"{path}{invite.pk}/change/").content.decode()
        assert f"/admin/rooms/room/{circle.event.room_id}/entry/" in text
        assert "/admin/mailer/outgoingmail/to/?address=" in text
        assert invite.token_nonce not in text
        assert str(InviteCode.objects.get().code) not in text


@pytest.mark.slow
def test_invitation_is_sent_again_as_the_meeting_is_now(staff: Client, circle: Circle) -> None:
    Event.objects.update(title="Renamed")
    chosen = action("send_again", EmailInvite.objects.get())
    page = ask(staff, BY_MAIL, chosen)
    assert "1 mail will be sent." in page.content.decode()
    assert "1 invitation is sent again" in staff.post(BY_MAIL, answer_of(page), follow=True).content.decode()
    mail = OutgoingMail.objects.get()
    assert (mail.address, mail.kind, mail.message["event"]["name"]) == (
        "dora@example.org", "external_event_invite", "Renamed",
    )  # fmt: skip
    # The same button pressed twice asks again.
    assert "something has changed since you were asked" in staff.post(BY_MAIL, answer_of(page)).content.decode()
    assert OutgoingMail.objects.count() == 1
    assert Activity.objects.get(kind="invite.resent").data["address"] == "dora@example.org"


@pytest.mark.slow
def test_question_tells_of_suppressed_addresses_and_of_who_gets_none(staff: Client, circle: Circle) -> None:
    suppress(address="bob@example.com", reason="bounced", actor=Actor.by_job("test"))
    gone = factories.user("gone")
    circle.invite(gone)
    update_account(user=gone, actor=Actor.by_job("test"), disabled_since=gone.created_at)
    text = ask(staff, BY_ACCOUNT, action("send_again", *EventInvite.objects.all())).content.decode()
    assert "1 mail will not be sent, because its address is suppressed." in text
    assert "the account is disabled" in text


@pytest.mark.parametrize("why", ["over", "no mails", "taken back", "deleted"])
def test_invitation_that_is_no_longer_true_is_not_sent(why: str, circle: Circle) -> None:
    invite = EventInvite.objects.select_related("event").get()
    if why == "over":
        Event.objects.update(series_ends_at="2020-01-01T00:00Z")
    elif why == "no mails":
        Event.objects.update(sends_mails=False)
    elif why == "taken back":
        EventInvite.objects.all().delete()
    else:
        circle.event.room.delete()
    with pytest.raises(OutdatedMail):
        resend_invitation(invite=invite, actor=Actor.by_job("test"))
    assert not OutgoingMail.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("path", "model"), [(BY_ACCOUNT, EventInvite), (BY_MAIL, EmailInvite)])
def test_invitations_are_taken_back_in_calendars_too(path: str, model: Any, staff: Client, circle: Circle) -> None:
    chosen = action("take_back", model.objects.get())
    assert "1 mail will be sent." in ask(staff, path, chosen).content.decode()
    assert model.objects.count() == 1
    assert "1 invitation was taken back" in confirmed(staff, path, chosen, follow=True).content.decode()
    assert model.objects.count() == 0
    assert OutgoingMail.objects.get().kind.endswith("_event_uninvite")
    assert InviteCode.objects.get().active is (model is EventInvite)


@pytest.mark.slow
def test_support_looks_and_does_nothing(circle: Circle) -> None:
    support = browser_of(with_role(SUPPORT))
    for name in ("take_back", "send_again"):
        assert f'value="{name}"' not in support.get(BY_MAIL).content.decode()
        support.post(BY_MAIL, action(name, EmailInvite.objects.get()))
    assert EmailInvite.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert User.objects.filter(username="support").exists()


@pytest.mark.slow
@pytest.mark.parametrize("path", [BY_ACCOUNT, BY_MAIL])
def test_statements_do_not_grow(path: str, staff: Client, circle: Circle, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        circle.invite(f"guest{number}@example.org")
        circle.invite(factories.user())
    with django_assert_max_num_queries(9):
        assert len(staff.get(path).context["cl"].result_list) == 21
