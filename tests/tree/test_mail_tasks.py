"""The command that stands in for the upstream mailer: killed while tasks come in, and stopped in an orderly way."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from kombu import Connection

from tests.seeds.test_mails import task_of
from tests.services import need_broker
from tests.site import ROOT, Site, wait_until

pytestmark = pytest.mark.tree
BROKER = "amqp://guest:guest@127.0.0.1:5672//"
TASKS = 300
KILLS = 5


def test_no_task_is_lost_and_a_kill_doubles_one_at_most(tmp_path: Path) -> None:
    need_broker(BROKER)
    queue = f"test-{uuid.uuid4()}"
    site = Site(tmp_path, MAIL_TASK_BROKER_URL=BROKER)
    site.manage("setup")
    rows = sqlite3.connect(tmp_path / "db.sqlite3")

    def addresses() -> list[str]:
        return [address for (address,) in rows.execute("SELECT address FROM mailer_outgoingmail")]

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "consume_mail_tasks", "--queue", queue]
        return subprocess.Popen(command, cwd=ROOT, env=site.environment)

    with Connection(BROKER, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True, auto_delete=False)
        for number in range(TASKS):
            task = task_of("registered_event_invite")
            task["invitee"]["email"] = f"guest{number}@example.org"
            channel.basic_publish(channel.prepare_message(json.dumps(task).encode()), routing_key=queue)
        seen = 0
        for _ in range(KILLS):
            process = start()
            wait_until(lambda before=seen: len(addresses()) > before, 60, "it takes tasks in")  # type: ignore[misc]
            time.sleep(random.uniform(0, 0.2))
            process.kill()
            process.wait()
            seen = len(addresses())
        process = start()
        wait_until(lambda: set(addresses()) == {f"guest{n}@example.org" for n in range(TASKS)}, 60, "none is lost")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert channel.queue_declare(queue, passive=True).message_count == 0
        for name in (queue, f"{queue}.dead"):
            channel.queue_delete(name)
    assert len(addresses()) <= TASKS + KILLS
