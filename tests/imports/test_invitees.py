"""People who are invited to a meeting from a file or a pasted list."""

import csv
import io
import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from events.invitee_import import InviteeImport
from events.services.events import delete_event
from events.services.invitations import answer_invite
from imports import services, work
from imports.models import Import
from invites.models import EmailInvite, EventInvite, InviteCode
from mailer.models import SuppressedAddress
from tests import factories
from tests.circle import Circle
from tests.imports.steps import csv_file, found, page_of, press, upload
from tests.staff.holding import browser_of, with_role
from tests.traces import Traces
from users.models import User
from users.roles import SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle(settings: Any) -> Circle:
    settings.EVENT_INVITE_EXTERNAL = True
    return Circle()


@pytest.fixture
def boss() -> Client:
    return browser_of(factories.staff())


def _actor(circle: Circle) -> Actor:
    return Actor.by_api(circle.alice)


def paste(browser: Client, event: Any, text: str, **fields: Any) -> Import:
    path = f"/admin/imports/import/new/invitees/{event.pk}/"
    answer = browser.post(path, {"text": text, "role": "guest"} | fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return Import.objects.get(pk=answer["Location"].split("/")[-3])


def test_pasted_list_is_invited_after_one_confirmation(boss: Client, circle: Circle) -> None:
    factories.user("dora", language="de")
    SuppressedAddress.objects.create(address="eve@example.org", reason="staff")
    traces = Traces()
    text = """Dora Dunn <dora@example.com> moderator, frank@example.org; Frank <FRANK@example.org>
        eve@example.org
        Nobody
        bob@example.com host
        alice@example.com"""
    job = paste(boss, circle.event, text)
    assert found(job) == [
        (1, "new", []),
        (2, "new", []),
        (3, "duplicate", [["", "The same as row 2."]]),
        (4, "new", []),
        (5, "error", [["email", "Enter a valid email address."]]),
        (6, "error", [["role", "The role is participant or moderator."]]),
        (7, "exists", [["", "Plans the meeting."]]),
    ]
    page = page_of(boss, job)
    assert "3 people are invited." in page
    assert "2 mails will be sent, in 2 languages." in page
    assert "1 mail will not be sent, because its address is suppressed." in page
    assert traces.is_empty()
    assert press(boss, job, "confirm").status_code == 302
    assert {row.email for row in circle.event.email_invites.all()} == {"frank@example.org", "eve@example.org"}
    dora = EventInvite.objects.get(event=circle.event, invitee__username="dora")
    assert (dora.role, dora.created_by) == ("moderator", circle.alice)
    assert [kind for kind, _people in traces.activities()] == [
        "list.imported", "code.created", "code.created", *["invite.added"] * 3,
    ]  # fmt: skip
    assert {row.actor_name for row in traces.log()} == {"Admin Example"}
    assert {address for address, _kind, _sequence in traces.mails()} == {
        "dora@example.com", "frank@example.org", "eve@example.org"
    }  # fmt: skip


def test_same_as_one_by_one(circle: Circle, settings: Any) -> None:
    """The same rows, mails and activities as from the invitation of each alone."""
    boss = browser_of(factories.staff())
    dora = factories.user("dora")
    traces = Traces()
    press(boss, paste(boss, circle.event, "dora@example.com, frank@example.org"), "confirm")
    at_once = traces.mails(), traces.activities()[1:]
    assert InviteCode.objects.filter(emailinvites__email="frank@example.org").exists()
    EventInvite.objects.filter(invitee=dora).delete()
    EmailInvite.objects.filter(email="frank@example.org").delete()
    traces = Traces()
    for address in ("dora@example.com", "frank@example.org"):
        press(boss, paste(boss, circle.event, address), "confirm")
    one_by_one = traces.mails(), [item for item in traces.activities() if item[0] != "list.imported"]
    assert at_once[0] == one_by_one[0]
    assert sorted(at_once[1]) == sorted(one_by_one[1])


def test_file_with_roles_in_german(boss: Client, circle: Circle) -> None:
    job = upload(
        boss, f"invitees/{circle.event.pk}",
        "E-Mail-Adresse;Rolle", "frank@example.org;Moderatorin", "gina@example.org;Teilnehmer", "hugo@example.org;",
        role="moderator",
    )  # fmt: skip
    press(boss, job, "confirm")
    roles = dict(circle.event.email_invites.values_list("email", "role"))
    assert (roles["frank@example.org"], roles["gina@example.org"], roles["hugo@example.org"]) == (
        "moderator", "guest", "moderator"
    )  # fmt: skip


def test_outsiders_are_refused_where_the_server_admits_none(boss: Client, circle: Circle, settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = False
    job = paste(boss, circle.event, "frank@example.org")
    assert found(job)[0][1:] == (
        "error", [["email", "Nobody has this address, and this server invites only people with an account."]]
    )  # fmt: skip
    assert "confirm" not in page_of(boss, job)


def test_invited_people_and_meetings_that_are_gone(boss: Client, circle: Circle) -> None:
    job = paste(boss, circle.event, "frank@example.org")
    press(boss, job, "confirm")
    assert found(paste(boss, circle.event, "FRANK@example.org"))[0][1] == "exists"
    late = paste(boss, circle.event, "gina@example.org")
    delete_event(event=circle.event, actor=_actor(circle))
    assert "The meeting was deleted." in page_of(boss, late)
    press(boss, late, "confirm")
    assert found(late) == [(1, "error", [["", "The meeting was deleted."]])]


def test_file_or_list_and_not_both(boss: Client, circle: Circle) -> None:
    path = f"/admin/imports/import/new/invitees/{circle.event.pk}/"
    for given in ({}, {"text": "a@example.com", "file": csv_file("email", "b@example.com")}):
        errors = boss.post(path, {"role": "guest"} | given).context["form"].errors
        assert "Choose a file or paste a list, one of the two." in str(errors)
    assert "There are no rows" in str(boss.post(path, {"role": "guest", "text": " ;"}).context["form"].errors)
    assert boss.get("/admin/imports/import/new/invitees/").status_code == 404


def test_meeting_of_another_tenant_is_out_of_reach(circle: Circle) -> None:
    path = f"/admin/imports/import/new/invitees/{circle.event.pk}/"
    stranger = browser_of(with_role(TENANT_ADMINISTRATOR, factories.tenant("quince")))
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"/admin/events/event/{circle.event.pk}/invitees.csv").status_code == 404
    User.objects.filter(username="tenant-administrator").delete()
    own = browser_of(with_role(TENANT_ADMINISTRATOR))
    assert path in own.get(f"/admin/events/event/{circle.event.pk}/change/").content.decode()
    assert own.get(path).status_code == 200


def exported(browser: Client, event: Any) -> list[dict[str, str]]:
    answer = browser.get(f"/admin/events/event/{event.pk}/invitees.csv")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_export_has_the_answers_and_can_be_imported(boss: Client, circle: Circle) -> None:
    press(boss, paste(boss, circle.event, "frank@example.org moderator"), "confirm")
    invite = circle.event.email_invites.get(email="frank@example.org")
    answer_invite(invite=invite, status="declined", actor=_actor(circle), via="admin", comment="=HYPERLINK(1)")
    traces = Traces()
    rows = {row["email"]: row for row in exported(boss, circle.event)}
    frank, bob = rows["frank@example.org"], rows["bob@example.com"]
    assert (frank["role"], frank["answer"], frank["comment"], frank["has_account"]) == (
        "moderator", "declined", "'=HYPERLINK(1)", "false"
    )  # fmt: skip
    assert (bob["answer"], bob["answered_at"], bob["has_account"], bob["name"]) == (
        "pending",
        "",
        "true",
        "Bob Example",
    )
    assert [(row.kind, row.event_id, row.data["count"]) for row in traces.log()] == [
        ("list.exported", circle.event.pk, len(rows))
    ]  # fmt: skip
    other = factories.event(circle.alice)
    lines = [",".join(("email", "role")), *(",".join((row["email"], row["role"])) for row in rows.values())]
    press(boss, upload(boss, f"invitees/{other.pk}", *lines, role="guest"), "confirm")
    assert {(row["email"], row["role"]) for row in exported(boss, other)} == {
        (row["email"], row["role"]) for row in rows.values()
    }


def test_export_needs_its_right(circle: Circle) -> None:
    support = browser_of(with_role(SUPPORT))
    path = f"/admin/events/event/{circle.event.pk}"
    assert support.get(f"{path}/invitees.csv").status_code == 403
    assert "invitees.csv" not in support.get(f"{path}/change/").content.decode()


@pytest.mark.slow
def test_statements_of_a_batch_do_not_grow(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users and outsiders; but for SQLite's limit of parameters."""
    staff, counts = factories.staff(), []
    factories.users(*(f"user{number}" for number in range(20)))
    for start, size in ((0, 2), (2, 12)):
        monkeypatch.setattr(InviteeImport, "batch_size", 2 * size)
        numbers = range(start, start + size)
        text = "\n".join(f"user{number}@example.com\nguest{number}@example.org" for number in numbers)
        job = services.upload(
            kind=InviteeImport, made_by=staff, text=text, tenant_id=staff.tenant_id, about_id=circle.event.pk,
            options={"role": "guest"},
        )  # fmt: skip
        with CaptureQueriesContext(connection) as checking:
            work.work(job.pk)
        services.confirm(job=job, actor=_actor(circle))
        with CaptureQueriesContext(connection) as running:
            work.work(job.pk)
        counts.append((len(checking), len(running)))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "count", [pytest.param(300, marks=pytest.mark.slow), pytest.param(10_000, marks=pytest.mark.deep)]
)
def test_memory_does_not_grow_with_the_list(circle: Circle, count: int) -> None:
    staff = factories.staff()
    text = "\n".join(f"guest{number}@example.org" for number in range(count))
    tracemalloc.start()
    try:
        job = services.upload(
            kind=InviteeImport, made_by=staff, text=text, tenant_id=staff.tenant_id, about_id=circle.event.pk,
            options={"role": "guest"},
        )  # fmt: skip
        work.work(job.pk)
        services.confirm(job=job, actor=_actor(circle))
        work.work(job.pk)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert circle.event.email_invites.filter(email__startswith="guest").count() == count
    assert peak < 12_000_000
