"""The admin's first page: what needs attention, figures and charts, as far as the reader's rights go."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from events.models import Event, FolderDeletion
from integrations.deliveries.models import Endpoint, KeyRing
from mailer.models import HeldDomain, OutgoingMail
from operations.dashboard.figures import most_common
from operations.jobs import JOBS
from operations.models import JobRun
from staff.charts import Series, by_kind, over_days
from tests import factories
from tests.staff.holding import Holding, browser_of, with_role
from users.models import Tenant
from users.roles import MAIL_OPERATOR, PRIVACY_OFFICER, SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin() -> Client:
    return browser_of(factories.staff())


def mail(tenant: Tenant | None = None, *, state: str = "sent", ago: timedelta = HOUR, **fields: Any) -> OutgoingMail:
    values = {"kind": "external_event_invite", "message": {}, "cause": uuid.uuid4(), "address": "x@example.org"}
    times = {"created_at": NOW - ago, "next_try_at": NOW + DAY, "sent_at": NOW if state == "sent" else None}
    return OutgoingMail.objects.create(
        **values | times | {"language": "en", "state": state, "tenant_id": tenant and tenant.pk} | fields
    )


def schedule(*, every: int = 30, sent: datetime | None = NOW) -> None:
    """As beat writes it down."""
    interval = IntervalSchedule.objects.create(every=every, period="seconds")
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=name, task="operations.tasks.run_job", interval=interval, last_run_at=sent) for name in JOBS
    )


def ran(name: str, *, ago: timedelta = timedelta(seconds=10), **fields: Any) -> JobRun:
    started = NOW - ago
    values = {"state": "succeeded", "finished_at": started + timedelta(seconds=2), "expires_at": started + HOUR}
    return JobRun.objects.create(job=name, started_at=started, **values | fields)


def all_run() -> None:
    schedule()
    for name in JOBS:
        ran(name)


def figures(browser: Client) -> dict[str, Any]:
    answer = browser.get("/admin/dashboard.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def codes(browser: Client) -> list[str]:
    return [point["code"] for point in figures(browser)["attention"]]


def test_nothing_needs_attention_where_all_is_well(admin: Client) -> None:
    all_run()
    mail()
    page = admin.get("/admin/").content.decode()
    assert "Nothing needs attention." in page
    assert "Scheduler (beat): running" in page
    assert codes(admin) == []


def test_what_needs_attention_is_named_worst_first(admin: Client) -> None:
    all_run()
    mail(state="failed")
    mail(state="bounced")
    mail(state="queued", next_try_at=NOW - HOUR)
    HeldDomain.objects.create(domain="example.net", held_until=NOW + HOUR)
    ring = KeyRing.objects.create()
    gone = {"state": "disabled", "disabled_at": NOW, "disabled_for": "gone"}
    Endpoint.objects.create(ring=ring, url="https://x.example", signature="webex", tenant=factories.tenant(), **gone)
    FolderDeletion.objects.create(path="a", tried_at=NOW)
    ran("deliver-mail", ago=timedelta(seconds=1), state="failed", error="ValueError: broken")
    ran("claim-invites", ago=timedelta(seconds=1), state="running", finished_at=None, expires_at=NOW - HOUR)
    found = figures(admin)["attention"]
    assert [(point["code"], point["is_grave"]) for point in found if point["code"] != "endpoints_disabled"] == [
        ("mail_queue_old", True),
        ("mails_failed", True),
        ("job_late", True),
        ("job_failed", True),
        ("mails_bounced", False),
        ("domains_held", False),
        ("folders_left", False),
    ]
    assert "Mails are not leaving: the first should have left 1\u00a0hour ago." in [point["told"] for point in found]


def test_mails_that_wait_for_their_domain_are_not_overdue(admin: Client) -> None:
    all_run()
    mail(state="retry", address="x@held.example", next_try_at=NOW - HOUR)
    HeldDomain.objects.create(domain="held.example", held_until=NOW + HOUR)
    assert codes(admin) == ["domains_held"]


@pytest.mark.slow
def test_links_of_what_needs_attention_lead_somewhere(admin: Client) -> None:
    schedule()
    mail(state="failed")
    mail(state="failed", ago=30 * DAY)
    ran("deliver-mail", state="failed", error="ValueError: broken")
    HeldDomain.objects.create(domain="example.net", held_until=NOW + HOUR)
    pages = [point.page for point in admin.get("/admin/").context["dashboard"]["points"] if point.page]
    assert len(pages) == 3
    assert [admin.get(page).status_code for page in pages] == [200] * 3
    assert admin.get(pages[0]).context["cl"].result_count == 1


@pytest.mark.parametrize(
    ("ago", "is_late"), [(30, False), (170, False), (190, True)], ids=["next one due", "in time", "late"]
)
def test_job_is_late_after_its_next_run_and_some_grace(admin: Client, ago: int, is_late: bool) -> None:
    all_run()
    JobRun.objects.filter(job="send-reminders").update(started_at=NOW - timedelta(seconds=ago))
    assert codes(admin) == (["job_late"] if is_late else [])
    (job,) = (job for job in figures(admin)["jobs"] if job["name"] == "send-reminders")
    assert job["is_late"] is is_late
    assert datetime.fromisoformat(job["next_at"]) == NOW + timedelta(seconds=30 - ago)


def test_silence_of_scheduler_and_worker_is_told(admin: Client) -> None:
    schedule(sent=NOW - HOUR)
    for name in JOBS:
        ran(name, ago=HOUR)
    assert set(codes(admin)) == {"beat_silent", "worker_silent", "job_late"}


def test_job_that_began_shows_that_the_scheduler_is_alive(admin: Client) -> None:
    """Beat writes down what it sent only after minutes."""
    schedule(sent=None)
    ran("deliver-mail")
    assert codes(admin) == []


def test_site_that_never_ran_a_job_says_so(admin: Client) -> None:
    assert codes(admin) == ["beat_silent", "worker_silent"]
    assert "Worker: no sign yet" in admin.get("/admin/").content.decode()


def test_dry_run_does_not_count_as_run(admin: Client) -> None:
    schedule()
    ran("deliver-mail", is_dry_run=True)
    assert {job["state"] for job in figures(admin)["jobs"]} == {None}


def test_job_that_is_switched_off_is_not_late(admin: Client) -> None:
    all_run()
    PeriodicTask.objects.filter(name="send-reminders").update(enabled=False)
    JobRun.objects.filter(job="send-reminders").update(started_at=NOW - DAY)
    assert codes(admin) == ["job_off"]


def test_mails_are_counted_by_state_and_day(admin: Client) -> None:
    for state, ago in (("sent", HOUR), ("sent", DAY), ("bounced", DAY), ("failed", DAY), ("sent", 20 * DAY)):
        mail(state=state, ago=ago)
    found = figures(admin)["mails"]
    assert found["by_state"] == {"sent": 2, "bounced": 1, "failed": 1}
    assert found["bounce_rate"] == pytest.approx(1 / 3)
    assert found["per_day"]["2026-11-20"] == {"sent": 1, "bounced": 1, "failed": 1}
    assert list(found["per_day"]) == [str((NOW - back * DAY).date()) for back in range(13, -1, -1)]


def test_days_are_those_of_the_readers_clock() -> None:
    person = factories.staff()
    type(person).objects.filter(pk=person.pk).update(time_zone="Pacific/Auckland")
    mail(ago=timedelta(minutes=1))
    assert figures(browser_of(person))["mails"]["per_day"]["2026-11-22"] == {"sent": 1}


def test_errors_that_differ_in_addresses_and_ids_are_one() -> None:
    errors = ["550 <a@x.org> unknown (4f9c2ab81)", "550 <b@y.org> unknown (77aa01bc2)", "451 Greylisted"]
    assert most_common(errors) == [("550 … unknown (…)", 2), ("451 Greylisted", 1)]


@pytest.mark.slow
def test_answers_of_the_invitees_are_counted(admin: Client) -> None:
    Holding("walnut")
    assert figures(admin)["answers"] == {"accepted": 0, "tentative": 1, "declined": 0}


@pytest.mark.slow
def test_tenant_administrator_sees_the_own_tenant_alone() -> None:
    own, other = Holding("walnut"), Holding("quince")
    OutgoingMail.objects.filter(tenant_id=other.tenant.pk).update(state="bounced")
    ran("deliver-mail", state="failed", error="quince")
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, own.tenant))
    found = figures(boss)
    assert "quince" not in json.dumps(found) + boss.get("/admin/").content.decode()
    assert found.keys() == {"at", "days", "attention", "meetings_per_day", "answers", "mails", "live"}
    assert sum(found["meetings_per_day"].values()) == 1
    assert found["answers"]["tentative"] == 1
    assert set(found["mails"]["by_state"]) == {"failed"}


@pytest.mark.slow
@pytest.mark.parametrize("role", [SUPPORT, MAIL_OPERATOR, PRIVACY_OFFICER])
def test_roles_that_see_every_tenant_see_all_figures(role: str) -> None:
    assert {"meetings_per_day", "answers", "mails", "jobs", "beat_at"} <= figures(browser_of(with_role(role))).keys()


def test_figures_without_the_right_are_absent() -> None:
    person = factories.user("helper", is_staff=True)
    browser = browser_of(person)
    assert figures(browser).keys() == {"at", "days", "attention"}
    page = browser.get("/admin/")
    assert page.status_code == 200
    assert "Needs attention" not in page.content.decode()


def test_figures_are_for_staff() -> None:
    path = "/admin/dashboard.json"
    assert (Client().get(path).status_code, Client().get("/admin/").status_code) == (401, 302)
    assert browser_of(factories.user()).get(path).status_code == 403
    answer = browser_of(factories.staff()).get(path)
    assert "no-store" in answer["Cache-Control"]
    assert browser_of(factories.staff("second")).post(path).status_code == 405


@pytest.mark.slow
def test_statements_are_the_same_however_much_there_is(admin: Client) -> None:
    all_run()
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert admin.get("/admin/").status_code == 200
        counts.append(len(captured))
        Holding(f"tenant{_time}")
        for state in ("failed", "bounced", "retry"):
            for number in range(5):
                mail(state=state, last_error=f"{number}")
        ran("deliver-mail", ago=HOUR)
    assert counts[0] == counts[1]
    assert counts[0] < 20


class Charts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.svgs: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.tables = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        if tag == "svg" and given.get("class") == "chart":
            self.svgs.append(given)
        self.tables += tag == "details"
        self.inline += [tag for name in given if name == "style" or name.startswith("on")]


def test_charts_have_names_and_a_table_each(admin: Client) -> None:
    mail()
    Event.objects.all()
    found = Charts(admin.get("/admin/").content.decode())
    assert (len(found.svgs), found.tables, found.inline) == (3, 3, [])
    for svg in found.svgs:
        assert svg["role"] == "img"
        assert set(str(svg["aria-labelledby"]).split()) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


@pytest.mark.slow
def test_page_is_small(admin: Client) -> None:
    all_run()
    for state in OutgoingMail.State:
        for day in range(14):
            mail(state=state, ago=day * DAY, last_error=f"{day} {'x' * 5000}")
    assert len(admin.get("/admin/").content) < 80_000


def test_columns_stand_on_each_other_within_the_drawing() -> None:
    series = [Series("sent", "good", [3, 0, 1000]), Series("failed", "bad", [1, 0, 1])]
    chart = over_days(name="x", title="X", told="", days=["1", "2", "3"], series=series, table=([], []))
    first, above, high, top = chart.bars
    assert above.y + above.height == first.y
    assert (first.told, first.css) == ("1: sent 3", "good")
    assert high.height > 50 * first.height
    assert top.height == 2
    assert all(bar.y >= 0 and bar.x + bar.width <= chart.width for bar in chart.bars)
    assert [label.text for label in chart.labels[:3]] == ["0", "600", "1200"]


def test_chart_of_nothing_has_no_bars() -> None:
    empty = over_days(name="x", title="X", told="", days=["1"], series=[Series("", "good", [0])], table=([], []))
    assert (empty.bars, by_kind(name="y", title="Y", told="", kinds=[("a", "good", 0)], head=[]).bars) == ([], [])
