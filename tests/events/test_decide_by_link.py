"""The page behind the link in an organizer's mail, on which a proposed time is accepted or refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from activity.models import Activity
from events.decisions import link_for
from events.services.digests import send_due_digests
from invites.models import Reply
from mailer.models import OutgoingMail
from mailer.render import render
from tests import factories
from tests.circle import Circle
from tests.events.changes import WEEKLY, time
from tests.traces import Traces

pytestmark = pytest.mark.django_db
SECOND = "20261130T090000Z"
LATER = {"starts_at": time("2026-12-01T14:00:00+01:00"), "ends_at": time("2026-12-01T16:00:00+01:00")}


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def proposed(circle: Circle, **answer: Any) -> str:
    """The path of the page of what bob proposes."""
    body = {"status": "tentative", "comment": "Later <b>please</b>?", "proposal": LATER, **answer}
    assert circle.api("invitee").patch(f"{circle.path}/invite", body).status_code == 204
    return link_for(Reply.objects.get()).removeprefix(settings.BASE_URL)


def post(path: str, decision: str, **more: str) -> Any:
    """With the page's own CSRF token."""
    client = Client(enforce_csrf_checks=True)
    token = client.get(path).context["csrf_token"]
    return client.post(path, {"decision": decision, "csrfmiddlewaretoken": token, **more})


def state() -> str:
    return Reply.objects.values_list("proposal_state", flat=True).get()


@pytest.mark.parametrize("answer", [{}, {"instance_id": SECOND}])
def test_page_shows_who_proposes_what(circle: Circle, answer: Any) -> None:
    answer = Client().get(proposed(circle, **answer))
    page = answer.content.decode()
    assert answer.status_code == 200
    for part in ("Team meeting", "30 November", "Bob Example", "1 December", "Later &lt;b&gt;please&lt;/b&gt;?"):
        assert part in page
    assert (answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == ("noindex", True)


def test_proposed_days_are_told_without_a_time() -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    days = {"is_all_day": True, "starts_at": midnight, "ends_at": midnight + timedelta(days=1)}
    circle = Circle(schedule=factories.schedule(**days))
    times = {"starts_at": time("2026-11-30T23:00:00Z", "UTC"), "ends_at": time("2026-12-01T23:00:00Z", "UTC")}
    page = Client().get(proposed(circle, proposal=times)).content.decode()
    assert "<strong>Tuesday, 1 December 2026</strong>" in page
    send_due_digests()
    mail = render(OutgoingMail.objects.get(kind="answers_digest")).body
    assert "Proposes another time: Tuesday, December 1, 2026" in mail
    assert "Nov 30" not in mail


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_nothing_is_decided_without_the_pages_own_form(circle: Circle, method: str) -> None:
    """Scanners open each link in a mail, and some send the forms that they find."""
    path, traces = proposed(circle), Traces()
    client = Client(enforce_csrf_checks=True)
    status = getattr(client, method)(path, {"decision": "accept"}).status_code
    assert status == (403 if method == "post" else 200)
    assert (state(), traces.is_empty()) == ("open", True)


@pytest.mark.slow
def test_accepted_by_link(circle: Circle) -> None:
    path, traces = proposed(circle, instance_id=SECOND), Traces()
    answer = post(path, "accept")
    assert (answer.status_code, answer["Location"], state()) == (302, path, "accepted")
    assert [kind for kind, _people in traces.activities()] == ["proposal.accepted", "event.instance_updated"]
    assert (traces.log()[0].actor_id, traces.log()[0].via) == (circle.alice.pk, "page")
    shown = circle.api("creator").get(f"{circle.path}/instances/{SECOND}").json()
    assert shown["starts_at"]["datetime"] == "2026-12-01T13:00:00Z"
    assert "It was accepted." in Client().get(path).content.decode()


def test_refused_by_link_with_a_comment(circle: Circle) -> None:
    path, traces = proposed(circle), Traces()
    assert post(path, "refuse", comment="No").status_code == 302
    assert (state(), traces.last("proposal.refused").data["comment"]) == ("refused", "No")
    assert traces.mails() == [("bob@example.com", "registered_event_refusal", 0)]


def test_lines_of_a_comment_count_as_browsers_count_them(circle: Circle) -> None:
    assert post(proposed(circle), "refuse", comment="x\r\n" * 400).status_code == 302
    assert Activity.objects.get(kind="proposal.refused").data["comment"] == ("x\n" * 400).strip()


@pytest.mark.slow
def test_second_decision_is_told_what_became_of_it(circle: Circle) -> None:
    path = proposed(circle)
    client = Client()
    token = client.get(path).context["csrf_token"]
    post(path, "refuse")
    answer = client.post(path, {"decision": "accept", "csrfmiddlewaretoken": str(token)})
    assert answer.status_code == 409
    assert "It was refused." in answer.content.decode()
    assert state() == "refused"


@pytest.mark.slow
def test_time_that_the_pattern_does_not_know_is_said_on_the_page() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",)))
    answer = post(proposed(circle), "accept")
    assert answer.status_code == 422
    assert "change the series itself" in answer.content.decode()
    assert state() == "open"


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_no_decision_is_none(circle: Circle, decision: str) -> None:
    assert post(proposed(circle), decision).status_code == 200
    assert state() == "open"


@pytest.mark.parametrize("gone", ["forged", "deleted", "disabled"])
def test_link_that_leads_nowhere_is_not_found(circle: Circle, gone: str) -> None:
    path = proposed(circle)
    match gone:
        case "forged":
            path += "x"
        case "deleted":
            circle.api("creator").delete(circle.path)
        case "disabled":
            circle.alice.disabled_since = timezone.now()
            circle.alice.save(update_fields=["disabled_since"])
    for method in ("get", "post"):
        assert getattr(Client(), method)(path, {"decision": "accept"}).status_code == 404
    assert state() == "open"
