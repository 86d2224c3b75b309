"""/rsvp/<token>: the page that the links in mails open, on which people answer without signing in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.apps import apps
from django.core.signing import Signer
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from events import mails
from events.access import ANSWERS_KEPT
from events.models import Event, SharedFolder
from events.rsvp import page as views
from events.services import rsvp
from events.services.claims import claim_invites
from events.services.events import delete_event, update_event
from events.services.instances import update_instance
from events.services.invitations import answer_invite, uninvite_user
from invites.models import EmailInvite, Reply
from invites.tokens import AnyInvite, token_of
from mailer.models import OutgoingMail
from mailer.preview import part, past_mail
from mailer.render import render
from rooms.models import SipConfig
from tests import factories
from tests.circle import Circle
from tests.traces import Traces

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=10",)
MONDAYS = [datetime(2026, 11, 23, 9, tzinfo=UTC) + week * timedelta(weeks=1) for week in range(10)]
SECOND = "20261130T090000Z"
GONE = "This invitation cannot be answered here"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def circle() -> Circle:
    """Bob, who reads English in New York, is invited to ten Mondays in Berlin."""
    made = Circle(schedule=factories.schedule(pattern=WEEKLY), description="The wifi key is hunter2", password="open!")
    made.bob.time_zone = "America/New_York"
    made.bob.save(update_fields=["time_zone"])
    return made


def invite_of(circle: Circle) -> AnyInvite:
    return circle.event.invites.select_related("event__created_by", "invitee").get()


def path(invite: AnyInvite, **query: str) -> str:
    return f"/rsvp/{token_of(invite)}" + (f"?{urlencode(query)}" if query else "")


def get(where: str, status: int = 200, **headers: str) -> str:
    answer = Client(headers={"Accept-Language": "en", **headers}).get(where)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def page_token(html: str) -> str:
    (token,) = re.findall(r'name="page" value="([^"]+)"', html)
    return str(token)


def post(where: str, *, page: str | None = None, status: int = 303, **fields: str) -> HttpResponse:
    """As the form sends it, without cookies; `page` is the page's own token, taken from the page unless given."""
    given = fields | {"page": page_token(get(where)) if page is None else page}
    body, kind = urlencode(given), "application/x-www-form-urlencoded"
    answer: Any = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"}).post(where, body, kind)
    assert answer.status_code == status, answer.content.decode()
    return answer  # type: ignore[no-any-return]


def text(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def tables() -> dict[str, list[Any]]:
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in apps.get_models()}


# --- who gets a link, and what looking at it does ---


def mail_to(address: str) -> OutgoingMail:
    return OutgoingMail.objects.filter(address=address).latest("created_at", "sequence")


@pytest.mark.slow
def test_program_that_opens_every_link_of_a_mail_changes_nothing() -> None:
    circle = Circle()
    circle.invite("dora@example.org", suppress_mail=False)
    mail = render(mail_to("dora@example.org"))
    found = re.findall(r'https?://[^\s"<>]+', f"{mail.body} {unescape(part(mail, 'html').decode())}")
    links = {link for link in found if "/rsvp/" in link or "/invite/" in link}
    assert len([link for link in links if "/rsvp/" in link]) == 3
    before = tables()
    for link in sorted(links):
        for method in ("get", "head", "get"):
            assert getattr(Client(), method)(link).status_code == 200
    assert tables() == before


def test_invitation_update_and_reminder_bring_the_link_and_no_end_does(circle: Circle) -> None:
    link, token = path(invite_of(circle)), token_of(invite_of(circle))
    how: dict[str, Any] = {"event": circle.event, "actor": Actor.by_api(circle.alice)}
    update_event(columns={"title": "Other"}, schedule=None, **how)
    bobs = render(mail_to("bob@example.com"))
    assert bobs.body.count(f"{link}?answer=") == 3
    assert part(bobs, "html").decode().count(f"{link}?answer=") == 3
    assert "/rsvp/" not in render(mail_to("alice@example.com")).body
    (reminder,) = mails.build("reminder", circle.event, [invite_of(circle)], {}, circle.alice)
    assert reminder.recipient.answer_token == token
    uninvite_user(user_id=circle.bob.pk, **how)
    assert "/rsvp/" not in render(mail_to("bob@example.com")).body
    assert token not in str(mail_to("bob@example.com").message)


def test_staff_do_not_see_the_link(circle: Circle) -> None:
    update_event(event=circle.event, actor=Actor.by_api(circle.alice), columns={"title": "Other"}, schedule=None)
    mail = past_mail(mail_to("bob@example.com"))
    assert token_of(invite_of(circle)) not in f"{mail.body}{mail.alternatives}"
    assert "/rsvp/********?answer=accepted" in mail.body


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(circle: Circle, method: str) -> None:
    assert getattr(Client(), method)(path(invite_of(circle))).status_code == 405


def test_page_is_not_kept_found_or_told(circle: Circle) -> None:
    invite = invite_of(circle)
    for where, status in ((path(invite), 200), (path(invite) + "x", 404)):
        answer = Client().get(where)
        assert answer.status_code == status
        headers = {name: answer[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")}
        assert headers == {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow, noarchive",
        }
        assert '<meta name="referrer" content="no-referrer">' in answer.content.decode()
        assert not answer.cookies


def test_page_shows_time_in_both_zones_and_who_invites(circle: Circle) -> None:
    html = get(path(invite_of(circle), answer="tentative"))
    for words in (
        '<h1 dir="auto">Team meeting</h1>',
        "Monday, November 23, 2026, 4:00\u202fAM\u00a0– 5:00\u202fAM (EST)",
        "Monday, November 23, 2026, 10:00\u202fAM\u00a0– 11:00\u202fAM (Berlin)",
        "Every week on Monday, 10 times",
        "Alice Example, alice@example.com",
        "Bob Example (bob@example.com)",
    ):
        assert words in html, words
    assert 'value="tentative" required checked' in html
    assert html.count('name="occurrence"') == 6


@pytest.mark.slow
def test_page_has_no_way_into_the_room(circle: Circle) -> None:
    circle.invite("dora@example.org")
    SipConfig.objects.filter(room=circle.event.room).update(sip_id="1234567890", password="0987654321")
    SharedFolder.objects.create(
        event=circle.event, path="x", read_url="https://cloud.example.com/s/r", read_password="fp"
    )
    dora = EmailInvite.objects.get()
    secrets = (
        "open!", "hunter2", "1234567890", "0987654321", "cloud.example.com", str(dora.invite_code.code),
        str(circle.event.room_id),
    )  # fmt: skip
    for invite in (invite_of(circle), dora):
        html = get(path(invite))
        saved = get(post(path(invite), answer="accepted").headers["Location"])
        assert [secret for secret in secrets if secret in html + saved] == []


# --- the token ---


def is_gone(where: str) -> bool:
    """In both ways alike."""
    shown, sent = get(where, 404), text(post(where, page="x", status=404, answer="accepted"))
    return GONE in shown and GONE in sent and "Team meeting" not in shown + sent


def test_link_that_was_not_made_here_opens_nothing(circle: Circle) -> None:
    invite = invite_of(circle)
    good = token_of(invite)
    name = good.partition(":")[0]
    for bad in (
        good + "x", good[:-1], "x", ":", name, name[:-1] + ":" + good.partition(":")[2], "%00", "\N{SNOWMAN}",
        "x" * 5000,
        Signer(salt="events.reminders.off").sign(name), Signer(salt="invites.answer").sign("x"),
        Signer(salt="invites.answer").sign(name + "x"), good.swapcase(),
    ):  # fmt: skip
        assert is_gone(f"/rsvp/{quote(bad)}"), bad
    assert not Reply.objects.exists()


@pytest.mark.slow
def test_link_ends_with_the_invitation(circle: Circle) -> None:
    invite = invite_of(circle)
    where, how = path(invite), {"actor": Actor.by_api(circle.alice), "suppress_mail": True}
    uninvite_user(event=circle.event, user_id=circle.bob.pk, **how)  # type: ignore[arg-type]
    assert is_gone(where)
    circle.invite(circle.bob)
    assert is_gone(where)
    where = path(invite_of(circle))
    assert "Team meeting" in get(where)
    circle.event.invites.update(token_nonce="another")
    assert is_gone(where)
    where = path(invite_of(circle))
    delete_event(event=circle.event, **how)  # type: ignore[arg-type]
    assert is_gone(where)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_link_opens_nothing_while_the_account_of_creator_or_invitee_is_disabled(circle: Circle, who: str) -> None:
    where, person = path(invite_of(circle)), getattr(circle, who)
    for since, status in ((NOW, 404), (None, 200)):
        person.disabled_since = since
        person.save(update_fields=["disabled_since"])
        get(where, status)


@pytest.mark.slow
def test_link_ends_thirty_days_after_the_last_occurrence(circle: Circle, clock: Any) -> None:
    where, how = path(invite_of(circle)), {"event": circle.event, "actor": Actor.by_api(circle.alice)}
    last = MONDAYS[-1] + timedelta(hours=1)
    for end in (last, last + timedelta(days=9)):
        clock.move_to(end + ANSWERS_KEPT)
        assert "This meeting is over. You can still answer." in get(where)
        clock.move_to(end + ANSWERS_KEPT + timedelta(seconds=1))
        assert is_gone(where)
        clock.move_to(NOW)
        moved = {"starts_at": MONDAYS[-1] + timedelta(days=9), "starts_at_zone": "Europe/Berlin"}
        update_instance(original_starts_at=MONDAYS[-1], columns=moved, suppress_mail=True, **how)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("schedule", [factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)), None])
def test_link_to_a_meeting_without_end_never_ends(schedule: Any, clock: Any) -> None:
    circle = Circle(schedule=schedule)
    clock.move_to(datetime(2101, 1, 1, tzinfo=UTC))
    post(path(invite_of(circle)), answer="accepted")
    assert invite_of(circle).status == "accepted"


@pytest.mark.slow
def test_link_still_works_when_the_address_has_got_an_account(circle: Circle) -> None:
    circle.invite("dora@example.org")
    where = path(EmailInvite.objects.get())
    dora = factories.user("dora", email="dora@example.org")
    claim_invites(user=dora, actor=Actor.by_job("test"))
    post(where, answer="declined")
    assert circle.event.invites.get(invitee=dora).status == "declined"
    assert Reply.objects.get().event_invite.invitee == dora  # type: ignore[union-attr]


# --- answers ---


@pytest.mark.slow
def test_answer_is_recorded_once_with_all_that_was_said(circle: Circle) -> None:
    traces, where = Traces(), path(invite_of(circle))
    answer = post(where, answer="tentative", comment="Late,\r\nperhaps", proposed_start="2026-11-24T09:30",
                  proposed_end="2026-11-24T10:00", proposed_zone="America/New_York")  # fmt: skip
    reply = Reply.objects.get()
    assert (reply.status, reply.comment, reply.via, reply.occurrence) == ("tentative", "Late,\nperhaps", "page", None)
    assert (reply.address, reply.is_by_invitee, reply.is_stale) == ("bob@example.com", True, False)
    assert (reply.proposed_starts_at, reply.proposed_ends_at, reply.proposed_zone) == (
        datetime(2026, 11, 24, 14, 30, tzinfo=UTC), datetime(2026, 11, 24, 15, tzinfo=UTC), "America/New_York",
    )  # fmt: skip
    assert invite_of(circle).status == "tentative"
    assert traces.activities() == [("invite.answered", ["alice", "bob"])]
    row = traces.last("invite.answered")
    assert (row.actor_kind, row.actor_id, row.via) == ("user", circle.bob.pk, "page")
    saved = get(answer.headers["Location"])
    assert "Thank you. Your answer has been saved." in saved
    assert "You propose: Tuesday, November 24, 2026, 9:30" in saved
    assert "Late,\nperhaps</textarea>" in saved


@pytest.mark.slow
def test_form_that_is_sent_twice_is_one_answer(circle: Circle) -> None:
    where = path(invite_of(circle))
    first, second = (post(where, answer="accepted", comment="Fine").headers["Location"] for _time in range(2))
    assert first == second
    post(where, answer="accepted", comment="Fine!")
    assert Reply.objects.count() == 2


@pytest.mark.slow
def test_one_occurrence_is_answered_and_the_series_keeps_its_answer(circle: Circle) -> None:
    invite = invite_of(circle)
    post(path(invite), answer="accepted")
    html = get(path(invite, occurrence=SECOND, answer="declined"))
    assert f'value="{SECOND}" checked' in html
    saved = get(post(path(invite), answer="declined", occurrence=SECOND, comment="Away").headers["Location"])
    assert "Monday, November 30, 2026: No" in saved
    assert Reply.objects.get(status="declined").occurrence == MONDAYS[1]
    assert invite_of(circle).status == "accepted"
    badges = re.findall(r'<span class="badge">([^<]+)', get(path(invite)))
    assert badges == ["Yes", "Yes", "No", "Yes", "Yes", "Yes"]
    assert 'value="declined" required checked' in get(path(invite, occurrence=SECOND))
    assert "Away</textarea>" in get(path(invite, occurrence=SECOND))
    assert "Away</textarea>" not in get(path(invite))


def test_occurrence_that_is_over_can_be_answered(circle: Circle, clock: Any) -> None:
    clock.move_to(MONDAYS[3])
    where = path(invite_of(circle))
    assert re.search(r"Nov 30, 2026.*Over", get(f"{where}?occurrence={SECOND}"))
    post(where, answer="declined", occurrence=SECOND)
    assert Reply.objects.get().occurrence == MONDAYS[1]


@pytest.mark.slow
def test_page_tells_what_has_changed_since_the_answer(circle: Circle, clock: Any) -> None:
    invite, how = invite_of(circle), {"actor": Actor.by_api(circle.alice), "suppress_mail": True}
    update_event(event=circle.event, columns={"title": "Before the answer"}, schedule=None, **how)  # type: ignore[arg-type]
    post(path(invite), answer="accepted")
    assert "has changed since" not in get(path(invite))
    clock.shift(timedelta(days=1))
    event = Event.objects.get()
    for columns in ({"title": "Between"}, {"title": "Planning", "description": "Another"}):
        event = update_event(event=event, columns=columns, schedule=None, **how)  # type: ignore[arg-type]
    times = {"starts_at": MONDAYS[1] + timedelta(hours=2), "starts_at_zone": "Europe/Berlin"}
    update_instance(event=event, original_starts_at=MONDAYS[1], columns=times, **how)  # type: ignore[arg-type]
    html = get(path(invite))
    assert "The meeting has changed since your answer of Friday, November 20, 2026." in html
    assert "Before: <del>Before the answer</del>" in html
    assert "There is a new description." in html
    assert "Between" not in html
    assert re.search(r"Nov 30, 2026, 6:00.*No answer yet.*Changed", html)


@pytest.mark.slow
def test_new_time_asks_anew_and_the_page_says_so(circle: Circle, clock: Any) -> None:
    invite = invite_of(circle)
    post(path(invite), answer="accepted")
    clock.shift(timedelta(days=1))
    start = MONDAYS[0] + timedelta(hours=3)
    later = vars(factories.schedule(pattern=WEEKLY, starts_at=start, ends_at=start + timedelta(hours=1)))
    update_event(event=circle.event, columns={}, schedule=later, actor=Actor.by_api(circle.alice), suppress_mail=True)
    html = get(path(invite))
    assert "You answered “Yes” on Friday, November 20, 2026. The meeting has changed since." in html
    assert "Before: <del>Monday, November 23, 2026, 4:00" in html
    assert "checked>" in html  # all dates
    assert 'value="accepted" required checked' not in html


@pytest.mark.slow
def test_date_of_the_mail_that_is_gone_is_told(circle: Circle) -> None:
    update_instance(
        event=circle.event, original_starts_at=MONDAYS[1], columns={}, is_cancelled=True, suppress_mail=True,
        actor=Actor.by_api(circle.alice),
    )  # fmt: skip
    for name in (SECOND, "20261201T090000Z", "x", "\0", "00010101T000000Z", "99991231T235959Z", "00010101T000000+2359"):
        html = get(path(invite_of(circle), occurrence=name))
        assert "The date that your mail was about is no longer part of the series." in html
        assert 'id="occurrence-all" name="occurrence" value="" checked' in html


# --- somebody else ---


@pytest.mark.slow
def test_answer_of_somebody_else_is_never_the_invitees(circle: Circle) -> None:
    where = path(invite_of(circle))
    answer = post(where, answer="declined", name="Zoe  Zander", address="Zoe@Example.org", comment="Instead of Bob")
    reply = Reply.objects.get()
    assert (reply.name, reply.address, reply.is_by_invitee) == ("Zoe Zander", "zoe@example.org", False)
    assert invite_of(circle).status == "pending"
    row = Activity.objects.get(kind="invite.answered")
    assert (row.actor_kind, row.actor_id, row.actor_name, row.via) == ("guest", None, "Zoe Zander", "page")
    saved = get(answer.headers["Location"])
    assert "Thank you. Alice Example will see your answer." in saved
    assert "Zoe Zander: No" in saved
    html = get(where)
    assert "required checked" not in html
    assert "Instead of Bob" not in html


def test_invitee_who_types_the_own_address_is_the_invitee(circle: Circle) -> None:
    post(path(invite_of(circle)), answer="accepted", name="Bobby", address="BOB@example.com")
    reply = Reply.objects.get()
    assert (reply.name, reply.is_by_invitee, invite_of(circle).status) == ("", True, "accepted")


@pytest.mark.slow
def test_saved_answer_of_another_invitation_is_not_shown(circle: Circle) -> None:
    circle.invite("dora@example.org")
    post(path(EmailInvite.objects.get()), answer="declined")
    reply = Reply.objects.get()
    for saved in (str(reply.pk), "x", ""):
        assert 'role="status"' not in get(path(invite_of(circle), saved=saved))


# --- what is refused ---


@pytest.mark.slow
def test_post_that_does_not_come_from_the_page_changes_nothing(circle: Circle, clock: Any) -> None:
    circle.invite("dora@example.org")
    invite, other = invite_of(circle), EmailInvite.objects.get()
    old = page_token(get(path(invite)))
    clock.shift(timedelta(days=1, seconds=1))
    of_another = page_token(get(path(other)))
    before = tables()
    for page in ("", "x", token_of(invite), old, of_another):
        html = text(post(path(invite), page=page, status=403, answer="declined", comment="I typed this"))
        assert "Nothing has been saved yet. Please send it once more." in html
        assert "I typed this</textarea>" in html
        assert 'value="declined" required checked' in html
    assert tables() == before
    post(path(invite), page=page_token(html), answer="declined")


def test_mistakes_are_named_at_their_fields_and_what_was_typed_is_kept(circle: Circle) -> None:
    typed = {
        "occurrence": SECOND, "comment": "x" * 1001, "name": "Zoe", "address": "zoe at home",
        "proposed_start": "2026-12-01T10:00", "proposed_end": "2026-12-01T09:00", "proposed_zone": "Mars",
    }  # fmt: skip
    html = text(post(path(invite_of(circle)), status=422, **typed))
    places = ["answer-accepted", "comment", "proposed_zone", "address"]
    assert re.findall(r'<li><a href="#([^"]+)">', html) == places
    assert [place for place in places if f'id="{place}"' not in html] == []
    assert html.count('class="field-error"') == len(places)
    assert "<title>Error: Team meeting" in html
    assert [words for words in typed.values() if words not in html] == []
    assert f'value="{SECOND}" checked' in html
    assert not Reply.objects.exists()


def test_cancelled_occurrence_cannot_be_answered(circle: Circle) -> None:
    where = path(invite_of(circle))
    page = page_token(get(where))
    update_instance(
        event=circle.event, original_starts_at=MONDAYS[1], columns={}, is_cancelled=True, suppress_mail=True,
        actor=Actor.by_api(circle.alice),
    )  # fmt: skip
    html = text(post(where, page=page, status=422, answer="accepted", occurrence=SECOND))
    assert "This date is not part of the series, or it was cancelled." in html
    assert not Reply.objects.exists()


@pytest.mark.slow
def test_single_meeting_has_no_occurrences() -> None:
    where = path(invite_of(Circle()))
    assert 'name="occurrence"' not in get(where)
    post(where, status=422, answer="accepted", occurrence="20261123T090000Z")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("&".join(f"x{number}=1" for number in range(1001)), "application/x-www-form-urlencoded"),
        ("answer=accepted&comment=" + "x" * 70_000, "application/x-www-form-urlencoded"),
        ("answer=accepted", "application/x-www-form-urlencoded; charset=utf-16"),
        ('{"answer": "accepted"}', "application/json"),
        (
            "--x\r\nContent-Disposition: form-data; name=answer\r\n\r\naccepted\r\n--x--",
            "multipart/form-data; boundary=x",
        ),
        ("answer=accepted", ""),
    ],
    ids=["too many fields", "too long", "another encoding", "JSON", "multipart", "no type"],
)
def test_what_no_form_sends_is_a_400(circle: Circle, body: str, kind: str) -> None:
    answer = Client(headers={"Accept-Language": "en"}).post(path(invite_of(circle)), body, kind)
    assert answer.status_code == 400
    assert "Your answer could not be read. Nothing has been saved." in answer.content.decode()
    assert not Reply.objects.exists()


@pytest.mark.slow
def test_too_many_answers_wait(circle: Circle, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsvp, "MOST_ANSWERS", 3)
    where = path(invite_of(circle))
    page = page_token(get(where))
    for number in range(3):
        post(where, page=page, answer="accepted", comment=str(number))
        clock.shift(timedelta(minutes=1))
    answer = post(where, page=page, status=429, answer="declined", comment="too many")
    assert answer.headers["Retry-After"] == str(57 * 60)
    assert "too many</textarea>" in text(answer)
    circle.invite("dora@example.org")
    post(path(EmailInvite.objects.get()), answer="accepted")
    clock.shift(timedelta(minutes=57))
    post(where, page=page, answer="declined")


@pytest.mark.slow
def test_invitation_that_is_taken_back_meanwhile_is_gone(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the answer waits for the event's lock."""
    invite = invite_of(circle)
    page, service = page_token(get(path(invite))), views.answer_on_page

    def late(**answer: Any) -> Reply:
        uninvite_user(event=circle.event, user_id=circle.bob.pk, actor=Actor.by_api(circle.alice), suppress_mail=True)
        return service(**answer)

    monkeypatch.setattr(views, "answer_on_page", late)
    assert GONE in text(post(path(invite), page=page, status=404, answer="accepted"))


# --- meetings of other forms ---


@pytest.mark.slow
def test_all_day_meeting_is_moved_by_days() -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    schedule = factories.schedule(is_all_day=True, starts_at=midnight, ends_at=midnight + timedelta(days=2))
    circle = Circle(schedule=schedule)
    where = path(invite_of(circle))
    assert 'type="date"' in get(where)
    post(where, answer="tentative", proposed_start="2026-12-01", proposed_end="2026-12-01")
    reply = Reply.objects.get()
    assert (reply.proposed_starts_at, reply.proposed_ends_at, reply.proposed_zone) == (
        datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC), "Europe/Berlin",
    )  # fmt: skip
    post(where, status=422, answer="tentative", proposed_start="2026-12-02", proposed_end="2026-12-01")


def test_proposal_without_end_lasts_as_long_as_planned(circle: Circle) -> None:
    post(path(invite_of(circle)), answer="declined", proposed_start="2026-12-01T10:00", proposed_zone="Asia/Tokyo")
    reply = Reply.objects.get()
    assert (reply.proposed_starts_at, reply.proposed_ends_at) == (
        datetime(2026, 12, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, 2, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.slow
def test_time_is_proposed_for_a_meeting_that_has_none() -> None:
    where = path(invite_of(Circle(schedule=None)))
    assert "At no fixed time" in get(where)
    html = text(post(where, status=422, answer="accepted", proposed_start="2026-12-01T10:00"))
    assert 'href="#proposed_end"' in html
    post(where, answer="accepted", proposed_start="2026-12-01T10:00", proposed_end="2026-12-01T11:00")
    assert Reply.objects.get().proposed_zone == "UTC"


# --- languages ---


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "question"), [("de-DE", "Nehmen Sie teil?"), ("fr", "Participerez-vous"), ("xx", "Will")]
)
def test_page_is_in_the_receivers_language_like_the_mail(circle: Circle, language: str, question: str) -> None:
    circle.bob.language = language
    circle.bob.save(update_fields=["language"])
    where = path(invite_of(circle))
    assert question in get(where)
    assert "Will you attend?" in get(f"{where}?language=en")
    assert "Nehmen Sie teil?" in get(where, Cookie="django_language=de")
    location = post(f"{where}?language=fr", answer="accepted").headers["Location"]
    assert "votre réponse est enregistrée" in get(location)


def test_page_of_who_has_no_language_is_in_the_browsers(circle: Circle) -> None:
    circle.invite("dora@example.org")
    where = path(EmailInvite.objects.get())
    assert "Nehmen Sie teil?" in get(where, **{"Accept-Language": "de"})
    assert "Will you attend?" in get(f"{where}?language=%00")
    assert GONE not in get("/rsvp/x", 404, **{"Accept-Language": "de"})


# --- cost ---


@pytest.mark.slow
def test_page_costs_the_same_however_many_people_and_dates_there_are(circle: Circle) -> None:
    invite = invite_of(circle)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(path(invite))
        return len(captured)

    post(path(invite), answer="accepted")
    few = cost()
    for number in range(10):
        circle.invite(f"person{number}@example.org")
        post(path(invite), answer="accepted", occurrence=MONDAYS[number].strftime("%Y%m%dT%H%M%SZ"))
        answer_invite(
            invite=EmailInvite.objects.latest("created_at"), status="accepted", actor=Actor.by_job("test"), via="page"
        )
    assert cost() == few <= 17
    assert timezone.now() == NOW
