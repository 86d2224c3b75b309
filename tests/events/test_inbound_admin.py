"""Staff look at the mails that came in, and process one again; contents go after a while."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from events.services.inbound import take_in_mail
from invites.models import InboundMail, Reply
from operations import job
from operations.jobs.prune_inbound_mails import PruneInboundMails
from tests import factories
from tests.circle import Circle
from tests.events import letters

pytestmark = pytest.mark.django_db
LIST = reverse("admin:invites_inboundmail_changelist")
BOB = "bob@example.com"


@pytest.fixture
def mail(settings: Settings) -> InboundMail:
    """Bob's answer, of a time when no server was believed."""
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", []
    data = letters.outlook(Circle().event, BOB, "DECLINED", text="On leave")
    return take_in_mail(data=data, source="pipe")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(factories.staff())
    return client


@pytest.mark.slow
def test_page_shows_what_was_read_and_leads_to_the_meeting(mail: InboundMail, staff: Client) -> None:
    page = staff.get(reverse("admin:invites_inboundmail_change", args=[mail.pk])).content.decode()
    assert f'href="/admin/events/event/{mail.event_id}/change/"' in page
    assert "answer kept: sender not proven to be the invitee" in page
    assert "On leave" in page
    assert f"{BOB} DECLINED" in page


@pytest.mark.slow
@pytest.mark.parametrize("query", [BOB, "{event}", "{id}", "<1@mail.example.com>"])
def test_mail_is_found(mail: InboundMail, staff: Client, query: str) -> None:
    wanted = query.format(event=mail.event_id, id=mail.pk)
    assert "1 incoming mail" in staff.get(LIST, {"q": wanted}).content.decode()
    assert "0 incoming mails" in staff.get(LIST, {"q": wanted, "verdict__exact": "applied"}).content.decode()


@pytest.mark.slow
def test_mail_is_processed_again(mail: InboundMail, staff: Client, settings: Settings) -> None:
    Reply.objects.all().delete()
    settings.INBOUND_AUTHSERV_IDS = [letters.SERVER]
    chosen = {"action": "process_again", "_selected_action": [mail.pk]}
    assert "1 mail was processed again" in staff.post(LIST, chosen, follow=True).content.decode()
    mail.refresh_from_db()
    assert (mail.verdict, mail.is_proven, Reply.objects.get().status) == ("applied", True, "declined")


def test_who_may_only_look_processes_nothing(mail: InboundMail, client: Client) -> None:
    looker = factories.user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=["view_inboundmail", "see_every_tenant"]))
    client.force_login(looker)
    page = client.get(LIST).content.decode()
    assert BOB in page
    assert "process_again" not in page
    client.post(LIST, {"action": "process_again", "_selected_action": [mail.pk]})
    assert InboundMail.objects.get().processed_at == mail.processed_at


def test_mail_cannot_be_changed_or_deleted(mail: InboundMail, staff: Client) -> None:
    page = reverse("admin:invites_inboundmail_change", args=[mail.pk])
    assert staff.post(page, {"verdict": "applied"}).status_code == 403
    assert staff.post(reverse("admin:invites_inboundmail_delete", args=[mail.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.slow
def test_contents_go_and_what_became_of_them_stays(mail: InboundMail, staff: Client, settings: Settings) -> None:
    first = job.run(PruneInboundMails())
    assert first is not None
    assert first.touched == 0
    InboundMail.objects.update(received_at=timezone.now() - timedelta(days=settings.INBOUND_MAIL_DAYS, seconds=1))
    dry = job.run(PruneInboundMails(), is_dry_run=True)
    assert dry is not None
    assert (dry.touched, InboundMail.objects.filter(content=None).count()) == (1, 0)
    row = job.run(PruneInboundMails())
    assert row is not None
    assert (row.touched, InboundMail.objects.get().content, Reply.objects.count()) == (1, None, 1)
    chosen = {"action": "process_again", "_selected_action": [mail.pk]}
    assert f"The content of the mail of {BOB} is gone" in staff.post(LIST, chosen, follow=True).content.decode()
