"""What staff come to do, from the first page to the row in the database, in two languages: nothing in the console."""

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.browser.desk import Desk, chromium
from tests.factories import PASSWORD
from tests.site import Site, wait_until

pytestmark = pytest.mark.browser
# For each language people and meetings of its own, so that no journey meets what another one left.
SET_UP = """
import json
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from activity.actors import Actor
from events.services.invitations import invite_user
from invites.services import create_code
from mailer.models import OutgoingMail
from rooms.guesses import BY_PHONE, FREE_GUESSES
from rooms.models import Guess, SipConfig
from tests import factories
start = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=7)
told = {}
with transaction.atomic():
    for language in ("en", "de"):
        names = [f"{name}{language}" for name in ("ann", "bob", "carl", "dora", "erik")]
        ann, bob, carl, dora, erik = factories.users(*names)
        actor = Actor.by_api(ann)
        def plan(title, owner=ann, **more):
            schedule = factories.schedule(
                starts_at=start, ends_at=start + timedelta(hours=1), pattern=("RRULE:FREQ=WEEKLY",)
            )
            event = factories.event(owner, title=f"{title} {language}", schedule=schedule, suppress_mail=False, **more)
            invite_user(event=event, invitee=bob, actor=Actor.by_api(owner))
            return event
        lost, told[language] = plan("Lost"), {}
        OutgoingMail.objects.filter(event_id=lost.pk, address=bob.email).update(
            state="failed", last_error="550 5.1.1 Mailbox full"
        )
        closed = plan("Closed", password="open sesame")
        create_code(room=closed.room, user=ann, actor=actor)
        SipConfig.objects.get_or_create(room=closed.room)
        Guess.objects.bulk_create(Guess(room=closed.room, client=BY_PHONE) for _try in range(FREE_GUESSES + 3))
        plans = {"lost": lost, "closed": closed, "erik": plan("Inherited", erik)}
        plans |= {name: plan(name.title()) for name in ("weekly", "split", "crowd", "handed")}
        told[language] = {name: str(event.pk) for name, event in plans.items()}
        told[language] |= {f"{name}_room": str(event.room_id) for name, event in plans.items()}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(site: Site) -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = json.loads(site.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])
    return made


@pytest.fixture(scope="module", params=["en", "de"])
def shared(
    request: pytest.FixtureRequest, site: Site, told: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with chromium() as browser:
        yield Desk(browser, site, request.param, tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    shared.complaints.clear()
    yield shared
    shared.judge()


@pytest.fixture
def ids(desk: Desk, told: dict[str, dict[str, str]]) -> dict[str, UUID]:
    return {name: UUID(text) for name, text in told[desk.language].items()}


def test_first_page_says_what_needs_attention(desk: Desk) -> None:
    desk.open("")
    assert desk.page.locator("#content h2").first.inner_text() == desk.say("Needs attention")
    desk.picture(f"first-{desk.language}")
    desk.press("#content a[href*='mailer/outgoingmail/']:not(.addlink) >> nth=0")
    assert desk.page.locator("#result_list .field-state").count() > 0


def test_tonights_jobs(desk: Desk) -> None:
    """Which ran, with the one that failed first; scheduler and worker are alive."""
    desk.open("")
    assert desk.page.get_by_text(re.compile("beat")).locator("visible=true").count() > 0
    row = desk.page.locator("tr", has=desk.page.locator("a[href*='job=deliver-mail']"))
    wait_until(lambda: bool(desk.rows("SELECT id FROM operations_jobrun WHERE job = 'deliver-mail'")), 60, "a job ran")
    desk.open("")
    assert re.search(r"\d\d:\d\d|\d [ap]\.m\.", row.inner_text())
    link = desk.page.locator("a[href*='job=claim-invites']")
    name = link.inner_text()
    desk.press(link)
    assert name in desk.page.locator("#result_list").inner_text()


@pytest.mark.parametrize("start", ["person", "meeting"])
def test_bob_gets_the_mail_that_failed(desk: Desk, ids: dict[str, UUID], start: str) -> None:
    """Four clicks from the person or the meeting to the mail that is sent again; the reason is seen on the way."""
    address = f"bob{desk.language}@example.com"
    state = "SELECT state, resent_at FROM mailer_outgoingmail WHERE event_id = ? AND address = ?"
    [(_state, before)] = desk.rows(state, ids["lost"], address)
    if start == "person":
        desk.find("users/user", address)
        desk.press("a[href*='outgoingmail/to/']")
        row = desk.page.locator("tr", has_text="Mailbox full").last
    else:
        desk.open(f"events/event/{ids['lost']}/change/")
        row = desk.page.locator("tr", has_text=address).filter(has=desk.page.locator("button"))
    if before is None:
        assert "550 5.1.1 Mailbox full" in desk.page.locator("#content").inner_text()
    else:  # by the other way
        row = desk.page.locator("tr", has_text=f"Lost {desk.language}" if start == "person" else address)
        row = row.filter(has=desk.page.locator("button")).last
    desk.picture(f"why-{start}-{desk.language}")
    desk.press(row.get_by_role("button"))
    assert address in desk.confirm()
    assert desk.clicks <= 4
    [(_state, after)] = desk.rows(state, ids["lost"], address)
    assert after is not None
    assert after != before
    wait_until(lambda: desk.rows(state, ids["lost"], address)[0][0] == "sent", 60, "the mail is sent")


def test_one_occurrence_is_cancelled(desk: Desk, ids: dict[str, UUID]) -> None:
    desk.open(f"events/event/{ids['weekly']}/change/")
    mails = desk.value("SELECT count(*) FROM mailer_outgoingmail WHERE event_id = ?", ids["weekly"])
    desk.press("button[formaction$='/cancel/'] >> nth=1")
    assert desk.value("SELECT count(*) FROM events_eventexception WHERE event_id = ?", ids["weekly"]) == 0
    desk.picture(f"effects-{desk.language}")
    assert "2 Mails" in desk.confirm().replace("2 E-Mails", "2 Mails").replace("2 mails", "2 Mails")
    kinds = desk.rows("SELECT kind FROM events_eventexception WHERE event_id = ?", ids["weekly"])
    assert kinds == [("cancelled",)]
    assert desk.value("SELECT count(*) FROM mailer_outgoingmail WHERE event_id = ?", ids["weekly"]) == mails + 2
    assert desk.page.locator(".occurrences s").count() == 1


def test_series_is_split(desk: Desk, ids: dict[str, UUID]) -> None:
    desk.open(f"events/event/{ids['split']}/change/")
    desk.press("a[href*='scope=following'] >> nth=2")
    assert desk.page.locator("[name=scope][value=following]").is_checked()
    desk.page.locator("[name=title]").fill("Second half")
    desk.press("#occurrence_form [type=submit]")
    desk.confirm()
    first, later = desk.rows(
        "SELECT title, continued_by_id, id, series FROM events_event WHERE room_id = ? ORDER BY starts_at",
        ids["split_room"],
    )
    assert (first[0], later[0]) == (f"Split {desk.language}", "Second half")
    assert (first[1], first[3]) == (later[2], later[3])
    desk.press(desk.page.get_by_role("link", name=f"Split {desk.language}", exact=True))
    assert desk.page.locator(".occurrences li").count() == 2


def test_mail_text_is_tried_saved_and_taken_back(desk: Desk) -> None:
    desk.open("mailer/mailtemplate/")
    desk.press(f"#content td a[href*='/{desk.language}/cancellation/']")
    page, subject = desk.page, f"Off ({desk.language}): {{{{ title }}}}"
    page.locator("[name=subject]").fill(subject)
    page.locator("[name=body]").fill("{{ details }}")
    shown = page.frame_locator("iframe[name=mail_preview]")
    shown.get_by_role("heading", name=f"Off ({desk.language}): Budget").wait_for()
    desk.press("[name=test]")
    assert "admin@example.com" in page.locator(".messagelist .success").inner_text()
    mails = [path.read_bytes() for path in (desk.site.folder / "mails").glob("*.eml")]
    assert any(f"Off ({desk.language}): Budget".encode() in mail for mail in mails)
    desk.press("[name=save]")
    used = (
        "SELECT subject FROM mailer_mailtemplate WHERE language = ? AND action = 'cancellation'"
        " ORDER BY version DESC LIMIT 1"
    )
    assert desk.value(used, desk.language) == subject
    desk.press("[name=shipped]")
    assert desk.value(used, desk.language) == ""
    with page.expect_navigation():
        page.locator("[name=revert]").press("Enter")  # by keyboard: the frames above take what the mouse does
    assert desk.value(used, desk.language) == subject
    desk.press("[name=shipped]")


def test_two_hundred_are_invited_by_a_pasted_list(desk: Desk, ids: dict[str, UUID]) -> None:
    """A preview with duplicates folded, one confirmation."""
    people = [f"guest{number}@{desk.language}.example.org" for number in range(200)]
    desk.open(f"events/event/{ids['crowd']}/change/")
    desk.press("a[href*='/imports/import/new/']")
    desk.page.locator("[name=text]").fill("\n".join([*people, people[0].upper(), f"Guest Two <{people[1]}>"]))
    desk.press("#upload_form [type=submit]")
    desk.page.locator("[name=confirm]").wait_for()
    desk.picture(f"list-{desk.language}")
    assert "200" in desk.page.locator("[name=confirm]").inner_text()
    invited = "SELECT count(DISTINCT email) FROM invites_emailinvite WHERE event_id = ?"
    assert desk.value(invited, ids["crowd"]) == 0
    desk.press("[name=confirm]")
    wait_until(lambda: desk.value(invited, ids["crowd"]) == 200, 60, "all are invited")
    assert desk.value("SELECT count(*) FROM invites_emailinvite WHERE event_id = ?", ids["crowd"]) == 200
    desk.page.locator("progress").wait_for(state="detached")  # the page finds out by itself
    desk.page.wait_for_load_state("load")


def test_who_can_enter_and_how_that_is_changed(desk: Desk, ids: dict[str, UUID]) -> None:
    """One page, linked from the meeting: a new PIN, and the lock-out lifted."""
    pin = "SELECT password FROM rooms_sipconfig WHERE room_id = ?"
    before = desk.value(pin, ids["closed_room"])
    desk.open(f"events/event/{ids['closed']}/change/")
    desk.press(f"a[href$='{ids['closed_room']}/entry/']")
    desk.page.locator("[name=q]").fill(f"bob{desk.language}")
    desk.press("form[role=search] [type=submit]")
    assert desk.page.locator("[aria-live] .well").count() == 1
    desk.picture(f"entry-{desk.language}")
    desk.press("form[action$='/entry/pin/'] [type=submit]")
    assert before not in desk.confirm()
    assert desk.value(pin, ids["closed_room"]) != before
    desk.press("form[action$='/entry/guesses/'] [type=submit]")
    assert desk.value("SELECT count(*) FROM rooms_guess WHERE room_id = ?", ids["closed_room"]) == 0
    assert desk.page.locator("form[action$='/entry/guesses/']").count() == 0


def test_meeting_is_handed_over(desk: Desk, ids: dict[str, UUID]) -> None:
    desk.open(f"events/event/{ids['handed']}/change/")
    desk.press("a[href$='/hand-over/']")
    desk.choose("to", f"Dora{desk.language}")
    desk.press("#occurrence_form [type=submit]")
    assert f"Dora{desk.language}" in desk.confirm()
    assert _organizer(desk, ids["handed"]) == f"dora{desk.language}"


def test_disabled_persons_meetings_go_to_somebody(desk: Desk, ids: dict[str, UUID]) -> None:
    desk.find("users/user", f"erik{desk.language}@example.com")
    desk.press(".object-tools a[href$='/disable/']")
    desk.picture(f"disable-{desk.language}")
    desk.page.locator("[name=fate][value=hand_over]").check()
    desk.choose("to", f"Dora{desk.language}")
    desk.press("#disable_form [type=submit]")
    told = desk.confirm()
    assert f"Inherited {desk.language}" in told
    since = "SELECT disabled_since FROM users_user WHERE username = ?"
    assert desk.value(since, f"erik{desk.language}") is not None
    assert _organizer(desk, ids["erik"]) == f"dora{desk.language}"


def _organizer(desk: Desk, event: UUID) -> object:
    of = "SELECT username FROM users_user JOIN events_event ON created_by_id = users_user.id WHERE events_event.id = ?"
    return desk.value(of, event)


def test_audit_trail_is_found_by_title_person_and_day(desk: Desk, ids: dict[str, UUID]) -> None:
    title = f"Closed {desk.language}"
    for words in (title, f"ann{desk.language}@example.com", str(ids["closed"])):
        desk.open(f"activity/activity/?q={words}")
        assert title in desk.page.locator("#result_list").inner_text(), words
    desk.press(desk.page.locator("#result_list a", has_text=title).first)
    desk.open("activity/activity/")
    while (days := desk.page.locator(".toplinks a[href*='occurred_at']")).count() > 1:  # years, months, days
        if "occurred_at__day" in desk.page.url:
            break
        desk.press(days.last)
    assert desk.page.locator("#result_list tbody tr").count() > 5


def test_seen_as_bob(desk: Desk, ids: dict[str, UUID]) -> None:
    """What the API answers him, read only, and he can read in the log that somebody looked."""
    desk.find("users/user", f"bob{desk.language}@example.com")
    looks = "SELECT count(*) FROM activity_activity WHERE kind = 'user.seen_as'"
    before = desk.value(looks)
    desk.press(".object-tools a[href$='/sees/']")
    start = desk.value("SELECT starts_at FROM events_event WHERE id = ?", ids["closed"])
    desk.open(f"{desk.page.url.partition('/admin/')[2].partition('?')[0]}?month={start[:7]}")
    desk.picture(f"sees-{desk.language}")
    desk.press(desk.page.get_by_role("link", name=f"Closed {desk.language}").first)
    assert "open sesame" not in desk.page.content()
    assert desk.value(looks) == before + 3
    assert desk.page.request.post(desk.page.url).status == 403


def test_colleague_gets_a_role_by_one_tick(desk: Desk, ids: dict[str, UUID]) -> None:
    """Support then follows every link of its first page, is refused nowhere, and sees no secret of the room."""
    name = f"carl{desk.language}"
    desk.find("users/user", f"{name}@example.com")
    support = desk.value("SELECT id FROM auth_group WHERE name = 'Support'")
    desk.page.locator(f"[name=groups][value='{support}']").check()
    desk.press("[name=_save]")
    assert desk.value("SELECT is_staff FROM users_user WHERE username = ?", name) == 1
    colleague = Desk(desk.browser, desk.site, desk.language, desk.pictures, name, PASSWORD)
    links = colleague.page.locator("#content a, #nav-sidebar a").evaluate_all("found => found.map(link => link.href)")
    own = sorted({link.partition("#")[0] for link in links if "/admin/" in link})
    assert len(own) > 15
    assert {link: status for link in own if (status := colleague.page.request.get(link).status) != 200} == {}
    secrets = {value for row in colleague.rows(SECRETS, *[ids["closed_room"]] * 3) for value in row if value}
    assert len(secrets) > 3
    for path in (
        f"events/event/{ids['closed']}/change/",
        f"rooms/room/{ids['closed_room']}/change/",
        f"rooms/room/{ids['closed_room']}/entry/",
    ):
        colleague.open(path)
        content = colleague.page.content()
        assert not [secret for secret in secrets if secret in content], path
        assert colleague.page.locator("#content form[method=post] :is(button, [type=submit])").count() == 0
    colleague.judge()
    colleague.page.context.close()


SECRETS = """
SELECT password, '' FROM rooms_room WHERE id = ? UNION SELECT sip_id, password FROM rooms_sipconfig WHERE room_id = ?
UNION SELECT code, substr(code, 1, 8) || '-' || substr(code, 9, 4) FROM invites_invitecode WHERE room_id = ?
"""
