"""The mail's way through real brokers, in queues of the test's own; and without any."""

import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu import Connection

from tests.line import Line
from tests.services import need_broker
from tests.site import ROOT, Site, wait_until
from tests.smtp_sink import SmtpSink, free_port

pytestmark = pytest.mark.tree
# Redis: a database that nobody else is likely to use.
BROKERS = ["amqp://guest:guest@127.0.0.1:5672//", "redis://127.0.0.1:6379/13"]
DEAD = ["amqp://guest:guest@127.0.0.1:{}//", "redis://127.0.0.1:{}/0"]
# Far above what the settings allow a publisher to wait, and the start of a process; without them it waits for ever.
PATIENCE_SECONDS = 60
INVITE = """
import sys
import django; django.setup()
from django.test.utils import setup_test_environment; setup_test_environment()
from mailer.models import OutgoingMail
from tests import factories
from tests.api import Api
event = factories.event(factories.user(sys.argv[1]))
answer = Api(event.created_by).post(f"/v1/events/{event.pk}/invites", {"email": "late@example.org"})
print(answer.status_code, *OutgoingMail.objects.filter(event_id=event.pk).values_list("address", "state"))
"""
SWEEP = "import django; django.setup(); from operations.tasks import run_job; run_job('deliver-mail')"


def make_site(folder: Path, broker: str, sink: SmtpSink, queue: str) -> Site:
    site = Site(folder, CELERY_BROKER_URL=broker, CELERY_QUEUE=queue, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
    site.manage("setup")
    return site


@contextmanager
def worker(site: Site) -> Iterator[None]:
    """Alone, without the scheduler whose sweep would deliver too."""
    command = [sys.executable, "-m", "celery", "--app", "opentalk_site", "worker", "--pool", "solo", "--without-gossip"]
    process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("broker", BROKERS, ids=["rabbitmq", "redis"])
def test_commit_wakes_the_worker(broker: str, tmp_path: Path, sink: SmtpSink) -> None:
    need_broker(broker)
    queue = f"test-{uuid.uuid4()}"
    site = make_site(tmp_path, broker, sink, queue)
    try:
        with worker(site):
            site.manage("-m", "tests.tree.queue_mails", "2")
            wait_until(lambda: len(sink.received) == 2, 30, "both mails are delivered")
    finally:
        with Connection(broker) as connection:
            connection.channel().queue_delete(queue)
    assert sorted(mail.recipient for mail in sink.received) == ["guest0@example.org", "guest1@example.org"]


def test_broker_that_is_down_costs_nothing_but_time(tmp_path: Path, sink: SmtpSink) -> None:
    """It went down after the setup, which wants it to answer."""
    site = make_site(tmp_path, "", sink, "nobody")
    site.environment["CELERY_BROKER_URL"] = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    site.manage("-m", "tests.tree.queue_mails", "1")
    assert sink.received == []
    environment = site.environment | {"DJANGO_SETTINGS_MODULE": "opentalk_site.settings"}
    subprocess.run([sys.executable, "-c", SWEEP], cwd=ROOT, env=environment, check=True)
    assert [mail.recipient for mail in sink.received] == ["guest0@example.org"]


def test_broker_that_stops_and_starts_again_loses_no_mail(tmp_path: Path, sink: SmtpSink) -> None:
    need_broker(BROKERS[0])
    queue = f"test-{uuid.uuid4()}"
    with Line(5672) as line:
        site = make_site(tmp_path, f"amqp://guest:guest@127.0.0.1:{line.port}//", sink, queue)
        try:
            with worker(site):
                site.manage("-m", "tests.tree.queue_many", "1")
                wait_until(lambda: len(sink.received) == 1, 30, "the first is delivered")
                line.cut()
                site.manage("-m", "tests.tree.queue_many", "2")
                line.join()
                site.manage("-m", "tests.tree.queue_many", "1")
                wait_until(lambda: len(sink.received) == 4, 60, "those whose wake-up was lost, too")
        finally:
            with Connection(BROKERS[0]) as connection:
                connection.channel().queue_delete(queue)
    assert len({mail.message["Message-ID"] for mail in sink.received}) == 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("site"), DJANGO_SETTINGS_MODULE="opentalk_site.settings")
    made.manage("setup")
    return made


@pytest.mark.parametrize("is_silent", [False, True], ids=["closed", "silent"])
@pytest.mark.parametrize("broker", DEAD, ids=["rabbitmq", "redis"])
def test_request_is_answered_and_its_mail_waits(site: Site, broker: str, is_silent: bool) -> None:
    """Silent: the connection is taken, and nobody ever says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1] if is_silent else free_port()
        environment = site.environment | {"CELERY_BROKER_URL": broker.format(port)}
        command = [sys.executable, "-c", INVITE, f"caller{port}"]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS
        )
    assert done.stdout == "201 ('late@example.org', 'queued')\n"
    assert "the broker cannot be told of new mails" in done.stderr
