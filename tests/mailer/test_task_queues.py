"""The Mail-Worker Protocol over a real RabbitMQ, in queues of the test's own."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from kombu import Connection
from pytest_django import Settings

from mailer.intake import take_in
from mailer.kinds import PROTOCOL, to_json
from mailer.models import OutgoingMail
from mailer.preview import part, task_mail
from mailer.rabbitmq import Publisher, RefusedBodyError, consume
from mailer.samples import sample
from mailer.send import deliver_due
from tests.line import Line
from tests.seeds.test_mails import task_of
from tests.services import need_broker
from tests.site import wait_until

pytestmark = pytest.mark.service
BROKER = "amqp://guest:guest@127.0.0.1:5672//"
SECONDS = 30


class Channel:
    """What a test puts into its queue and finds there."""

    def __init__(self, channel: Any, queue: str) -> None:
        self.queue = queue
        self._channel = channel

    def declare(self, *, durable: bool) -> None:
        self._channel.queue_declare(self.queue, durable=durable, auto_delete=False)

    def put(self, body: bytes, **properties: Any) -> None:
        message = self._channel.prepare_message(body, content_encoding="binary", properties=properties)
        self._channel.basic_publish(message, routing_key=self.queue)

    def take(self, queue: str = "") -> Any:
        return self._channel.basic_get(queue or self.queue, no_ack=True)

    def waiting(self) -> int:
        return int(self._channel.queue_declare(self.queue, passive=True).message_count)

    def delete(self) -> None:
        for queue in (self.queue, f"{self.queue}.dead"):
            self._channel.queue_delete(queue)


@pytest.fixture
def channel() -> Iterator[Channel]:
    need_broker(BROKER)
    with Connection(BROKER) as connection:
        made = Channel(connection.channel(), f"test-{uuid.uuid4()}")
        yield made
        made.delete()


@contextmanager
def consuming(queue: str, handle: Callable[[bytes, str], None], *, broker: str = BROKER) -> Iterator[None]:
    stopped = threading.Event()

    def work() -> None:
        try:
            consume(broker, queue, handle=handle, is_stopped=stopped.is_set)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(SECONDS)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("durable", [True, False])
def test_each_example_gives_exactly_its_mail(channel: Channel, durable: bool) -> None:
    """The queue exists already, as upstream's controller and mailer left it."""
    channel.declare(durable=durable)
    for kind in PROTOCOL:
        channel.put(json.dumps(task_of(kind)).encode())
    taken: list[bytes] = []  # SQLite in memory is not read while another thread writes

    def handle(body: bytes, task_id: str) -> None:
        take_in(body, task_id=task_id)
        taken.append(body)

    with consuming(channel.queue, handle):
        wait_until(lambda: len(taken) == len(PROTOCOL), SECONDS, "all are taken in")
    assert deliver_due() == len(PROTOCOL)
    sent = [message for message in outgoing.outbox if isinstance(message, EmailMultiAlternatives)]
    expected = [task_mail(task_of(kind), "") for kind in PROTOCOL]
    assert sorted(map(shown, sent)) == sorted(map(shown, expected))


def shown(mail: EmailMultiAlternatives) -> tuple[str, ...]:
    return mail.to[0], mail.subject, *(part(mail, form).decode() for form in ("txt", "html", "ics"))


def test_what_is_refused_goes_to_the_dead_tasks_with_the_reason(channel: Channel) -> None:
    def handle(body: bytes, task_id: str) -> None:
        if body != b"good":
            raise RefusedBodyError("It is not JSON")
        handled.append(task_id)

    handled: list[str] = []
    with consuming(channel.queue, handle):
        wait_until(lambda: exists(channel), SECONDS, "the queue is made")
        channel.put(b"\xff", message_id="7")
        channel.put(b"good", message_id="8")
        wait_until(lambda: handled == ["8"], SECONDS, "the good one is handled")
    dead = channel.take(f"{channel.queue}.dead")
    assert (dead.body, dead.properties["message_id"]) == (b"\xff", "7")
    assert dead.properties["application_headers"]["x-reason"] == "It is not JSON"
    assert dead.properties["delivery_mode"] == 2
    assert channel.waiting() == 0


def exists(channel: Channel) -> bool:
    with Connection(BROKER) as connection:
        try:
            connection.channel().queue_declare(channel.queue, passive=True)
        except connection.channel_errors:
            return False
    return True


def test_task_comes_again_when_the_database_or_the_line_fails(channel: Channel) -> None:
    channel.declare(durable=False)
    for number in range(3):
        channel.put(str(number).encode())
    tried: list[str] = []

    def handle(body: bytes, task_id: str) -> None:
        tried.append(body.decode())
        if len(tried) == 1:
            raise OperationalError("the server closed the connection")
        if len(tried) == 3:
            line.cut()
            line.join()

    with Line(5672) as line:
        broker = BROKER.replace("5672", str(line.port))
        with consuming(channel.queue, handle, broker=broker):
            wait_until(lambda: len(tried) >= 5, SECONDS, "all are handled")
            wait_until(lambda: channel.waiting() == 0, SECONDS, "all are acknowledged")
    # The first was never acknowledged, the one during which the line was cut comes a second time.
    assert tried == ["0", "0", "1", "1", "2"]


def test_broker_that_is_down_is_waited_for(channel: Channel) -> None:
    channel.declare(durable=True)
    channel.put(b"late")
    handled: list[bytes] = []
    with Line(5672) as line:
        broker = BROKER.replace("5672", str(line.port))
        line.cut()
        with consuming(channel.queue, lambda body, _id: handled.append(body), broker=broker):
            line.join()
            wait_until(lambda: handled == [b"late"], SECONDS, "it is handled")


# --- out ---


@pytest.fixture
def publishes(settings: Settings, channel: Channel) -> None:
    settings.MAIL_TASK_QUEUE = channel.queue
    settings.MAIL_TASK_BROKER_URL = BROKER


def queued(kind: str = "registered_event_invite") -> OutgoingMail:
    message = sample(kind, "recurring", "de")
    return OutgoingMail.objects.create(
        kind=kind, message=to_json(message), cause=uuid.uuid4(), address=message.receiver.email
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("publishes")
def test_mail_leaves_as_a_persistent_task(channel: Channel) -> None:
    channel.declare(durable=True)
    mail = queued()
    assert deliver_due() == 1
    task = channel.take()
    assert json.loads(task.body) == mail.message
    assert task.properties["delivery_mode"] == 2
    assert task.properties["content_type"] == "application/json"
    assert OutgoingMail.objects.get().state == "sent"
    assert outgoing.outbox == []


@pytest.mark.django_db
@pytest.mark.usefixtures("publishes")
def test_task_for_a_queue_that_is_missing_stays_queued(channel: Channel) -> None:
    mail = queued()
    deliver_due()
    mail.refresh_from_db()
    assert mail.state == "retry"
    assert "NO_ROUTE" in mail.last_error
    channel.declare(durable=True)
    OutgoingMail.objects.update(next_try_at=datetime(2026, 1, 1, tzinfo=UTC))
    deliver_due()
    mail.refresh_from_db()
    assert mail.state == "sent"


@pytest.mark.django_db
@pytest.mark.usefixtures("publishes")
def test_task_stays_queued_while_the_broker_is_down(channel: Channel, settings: Settings) -> None:
    channel.declare(durable=True)
    mail = queued()
    with Line(5672) as line:
        settings.MAIL_TASK_BROKER_URL = BROKER.replace("5672", str(line.port))
        line.cut()
        deliver_due()
        mail.refresh_from_db()
        assert mail.state == "retry"
        assert channel.waiting() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("publishes")
def test_same_mail_has_one_task_id_and_another_when_sent_again(channel: Channel) -> None:
    channel.declare(durable=True)
    mail = queued()
    ids = []
    for resent_at in (None, None, datetime(2026, 5, 1, tzinfo=UTC)):
        OutgoingMail.objects.filter(pk=mail.pk).update(
            state="queued", resent_at=resent_at, next_try_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
        deliver_due()
        ids.append(channel.take().properties["message_id"])
    assert ids[0] == ids[1] != ids[2]


def test_line_that_breaks_between_two_tasks_is_opened_anew(channel: Channel) -> None:
    channel.declare(durable=True)
    with Line(5672) as line:
        publisher = Publisher(BROKER.replace("5672", str(line.port)))
        publisher.publish(b"1", queue=channel.queue, task_id="1")
        line.cut()
        line.join()
        with pytest.raises(OSError, match=r".*"):
            publisher.publish(b"2", queue=channel.queue, task_id="2")
        publisher.publish(b"2", queue=channel.queue, task_id="2")
        publisher.close()
    assert [channel.take().body for _ in range(2)] == [b"1", b"2"]


def test_installation_that_publishes_does_not_consume(settings: Settings) -> None:
    settings.MAIL_TASK_QUEUE = "out"
    with pytest.raises(CommandError, match="what came in would go out again"):
        call_command("consume_mail_tasks")
    settings.MAIL_TASK_QUEUE = settings.MAIL_TASK_BROKER_URL = ""
    with pytest.raises(CommandError, match="Set MAIL_TASK_BROKER_URL"):
        call_command("consume_mail_tasks")
