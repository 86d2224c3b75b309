"""What `manage.py setup` leaves, also when it is repeated; and the demonstration accounts."""

import gettext
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from activity.models import Activity
from events.models import Event
from integrations.cronofy.models import Application
from integrations.deliveries.models import SigningKey
from invites.models import InboundMail, Reply
from mailer.models import OutgoingMail, SuppressedAddress
from mailer.send import deliver_due
from operations import demo
from operations.models import JobRun
from operations.translations import compile_messages
from tests.api import Api
from users.models import Client, User

CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Meeting"\nmsgstr "Besprechung"\n'


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path


@pytest.mark.slow
@pytest.mark.django_db
def test_setup_can_be_repeated(settings: Any) -> None:
    for _time in range(2):
        call_command("setup", demo=True, verbosity=0)
    assert (settings.VAR / "broker/queue").is_dir()
    assert Client.objects.filter(client_id__in=["Frontend", "ApiDocs"]).count() == 2
    assert sorted(User.objects.values_list("username", flat=True)) == ["admin", "alice", "bob", "charlie"]
    assert Application.objects.get().service_user.username == "charlie"
    assert not SigningKey.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_setup_makes_no_people_unless_asked() -> None:
    call_command("setup", verbosity=0)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_demo_people_who_used_the_api_are_in_the_log_and_can_be_found() -> None:
    demo.create_people()
    alice, bob = User.objects.get(username="alice"), User.objects.get(username="bob")
    assert [row["email"] for row in Api(alice).get("/v1/users/find", q="berger").json()] == ["bob@example.com"]
    assert set(Activity.objects.values_list("subject_id", flat=True)) == {alice.pk, bob.pk}
    assert (bob.language, bob.time_zone) == ("de-DE", "Europe/Berlin")


@pytest.mark.django_db
def test_charlie_and_admin_never_used_the_api() -> None:
    demo.create_people()
    assert set(User.objects.unregistered().values_list("username", flat=True)) == {"charlie", "admin"}
    assert User.objects.get(is_staff=True).username == "admin"


@pytest.mark.django_db
def test_demo_password_is_drawn_once_and_for_its_owner_only(settings: Any) -> None:
    demo.create_people()
    assert User.objects.get(username="alice").check_password(demo.password())
    assert (settings.VAR / "demo_password").stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_demo_keeps_changed_password() -> None:
    demo.create_people()
    alice = User.objects.get(username="alice")
    alice.set_password("mine")
    alice.save()
    demo.create_people()
    alice.refresh_from_db()
    assert alice.check_password("mine")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    source = tmp_path / "locale/de/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    return source


def test_catalogue_is_compiled(catalogue: Path, tmp_path: Path) -> None:
    assert compile_messages([tmp_path / "locale"]) == [catalogue]
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Meeting") == "Besprechung"
    assert sorted(path.name for path in catalogue.parent.iterdir()) == ["django.mo", "django.po"]


def test_only_a_newer_catalogue_is_compiled_again(catalogue: Path, tmp_path: Path) -> None:
    compile_messages([tmp_path / "locale"])
    assert compile_messages([tmp_path / "locale"]) == []
    later = catalogue.with_suffix(".mo").stat().st_mtime + 1
    os.utime(catalogue, (later, later))
    assert compile_messages([tmp_path / "locale"]) == [catalogue]


def test_no_catalogue_is_no_error(tmp_path: Path) -> None:
    assert compile_messages([tmp_path / "nothing"]) == []


@pytest.fixture
def demonstration(settings: Any) -> Event:
    """The series, after the first start and another."""
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "mailer.backends.EmlBackend", settings.VAR / "mails"
    settings.EVENT_INVITE_EXTERNAL = True
    for _time in range(2):
        call_command("setup", demo=True, verbosity=0)
    return Event.objects.get(title="Jour fixe")


@pytest.mark.slow
@pytest.mark.django_db
def test_demo_has_a_series_with_every_kind_of_answer_and_exception(demonstration: Event) -> None:
    assert sorted(demonstration.exceptions.values_list("kind", flat=True)) == ["cancelled", "modified"]
    answers = [*demonstration.invites.values_list("status"), *demonstration.email_invites.values_list("status")]
    assert sorted(status for (status,) in answers) == ["accepted", "declined", "pending", "tentative"]
    assert demonstration.exceptions.filter(original_starts_at__gt=timezone.now()).count() == 2


@pytest.mark.slow
@pytest.mark.django_db
def test_demo_has_mails_in_every_state_that_lasts(demonstration: Event, settings: Any) -> None:
    """Also after the worker has run: nothing of it is over in a moment."""
    for _time in range(2):
        mails = OutgoingMail.objects.filter(event_id__in=Event.objects.filter(title="Half-year figures").values("pk"))
        assert set(mails.values_list("state", flat=True)) == set(OutgoingMail.State.values) - {"sending"}
        deliver_due()
    failed = mails.filter(state="retry", attempts=6).get()
    assert failed.tries.count() == 6
    assert SuppressedAddress.objects.get().reason == "bounced"
    assert InboundMail.objects.get().verdict == "automatic"
    assert JobRun.objects.get().state == "failed"


@pytest.mark.slow
@pytest.mark.django_db
def test_demo_has_meetings_that_are_over_that_run_and_that_come(demonstration: Event) -> None:
    now = timezone.now()
    over = Event.objects.filter(series_ends_at__lt=now).order_by("title")
    assert [event.title for event in over] == ["Kick-off", "Stand-up"]
    running = Event.objects.filter(starts_at__lte=now, series_ends_at__gte=now)
    assert [event.title for event in running] == ["Open house"]
    assert sorted(event.title for event in Event.objects.filter(starts_at__gt=now)) == ["Half-year figures", "Offsite"]
    assert over[1].continued_by.title == "Stand-up in the afternoon"
    assert Reply.objects.get(proposal_state="open").event_id == demonstration.pk


@pytest.mark.slow
@pytest.mark.django_db
def test_demo_makes_no_meetings_where_mails_leave_the_machine(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    call_command("setup", demo=True, verbosity=0)
    assert not Event.objects.exists()
