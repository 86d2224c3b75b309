"""The IMAP mailbox that answers arrive in, at a real Dovecot of the test's own."""

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from invites.models import InboundMail, Reply
from mailer.imap import Account, Mailbox
from operations import job
from operations.jobs.read_mailbox import ReadMailbox
from tests.circle import Circle
from tests.events import letters
from tests.services import need_dovecot
from tests.site import wait_until
from tests.smtp_sink import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.service]
BOB = "bob@example.com"
PASSWORD = 'p" a\\ss'
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_login_user = {owner}
default_internal_group = {internal_group}
mail_location = maildir:{folder}/mail/%u/Maildir
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
"""


class Dovecot:
    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        (folder / "users").write_text(f"answers:{PASSWORD}\n")
        self.config = folder / "dovecot.conf"
        # Neither what speaks with strangers nor what reads mails may be root; both have to reach their files.
        folder.chmod(0o755)
        user = pwd.getpwuid(os.getuid())
        self.owner = pwd.getpwnam("nobody") if user.pw_uid == 0 else user
        names = {"user": user.pw_name, "owner": self.owner.pw_name, "group": self.owner.pw_gid}
        names["internal_group"] = grp.getgrgid(user.pw_gid).gr_name
        self.config.write_text(CONFIG.format(folder=folder, port=self.port, **names))
        self.empty()
        command = [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", str(self.config)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(self.answers, 15, "Dovecot answers")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def empty(self) -> None:
        mails = self.folder / "mail"
        shutil.rmtree(mails, ignore_errors=True)
        mails.mkdir()
        os.chown(mails, self.owner.pw_uid, self.owner.pw_gid)

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "dovecot.log").read_text()
        try:
            self.count("INBOX")
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=5) as client:
            client.login("answers", PASSWORD)
            yield client

    def deliver(self, data: bytes) -> None:
        with self.client() as client:
            client.append("INBOX", "", "", data)

    def count(self, folder: str) -> int:
        with self.client() as client:
            kind, data = client.select(folder, readonly=True)
        return int(data[0] or 0) if kind == "OK" else -1

    @property
    def account(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1", "port": self.port, "user": "answers", "password": PASSWORD, "security": "none",
            "folder": "INBOX", "done": "Processed",
        }  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    need_dovecot()
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:  # pytest's folders are for their owner alone
        server = Dovecot(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def dovecot(server: Dovecot, settings: Settings) -> Dovecot:
    """With empty folders."""
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    settings.INBOUND_IMAP = server.account
    server.empty()
    return server


def read(**parameters: Any) -> tuple[str, int]:
    row = job.run(ReadMailbox(**parameters))
    assert row is not None
    return row.state, row.touched or 0


def test_mailbox_is_read_and_what_was_read_moves(dovecot: Dovecot) -> None:
    circle = Circle()
    dovecot.deliver(letters.outlook(circle.event, BOB, "DECLINED"))
    dovecot.deliver(letters.text_only(circle.event, BOB))
    dovecot.deliver(b"Subject: large\r\n\r\n" + b"x" * 2**20)
    dry = job.run(ReadMailbox(), is_dry_run=True)
    assert dry is not None
    assert (dry.touched, InboundMail.objects.count()) == (3, 0)
    assert read() == ("succeeded", 3)
    assert (dovecot.count("INBOX"), dovecot.count("Processed")) == (0, 3)
    assert circle.event.invites.get().status == "declined"
    verdicts = InboundMail.objects.order_by("received_at").values_list("source", "verdict")
    assert list(verdicts) == [("imap", "applied"), ("imap", "no_calendar"), ("imap", "too_large")]
    assert read() == ("succeeded", 0)


def test_crash_between_reading_and_moving_does_no_harm(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Circle()
    dovecot.deliver(letters.plain(circle.event, BOB))
    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "put_away", lambda *_given: 1 / 0)
        assert read() == ("failed", 0)
    assert (dovecot.count("INBOX"), Reply.objects.count()) == (1, 1)
    assert read() == ("succeeded", 1)
    assert (dovecot.count("INBOX"), dovecot.count("Processed")) == (0, 1)
    assert (InboundMail.objects.count(), Reply.objects.count()) == (1, 1)


def test_mail_stays_where_the_database_does_not_take_it(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Circle()
    dovecot.deliver(letters.plain(circle.event, BOB))

    def is_away(*_given: Any) -> None:
        raise OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr("events.services.inbound._stored", is_away)
        assert read() == ("failed", 0)
    assert dovecot.count("INBOX") == 1
    assert read() == ("succeeded", 1)


def test_server_without_move(dovecot: Dovecot) -> None:
    circle = Circle()
    dovecot.deliver(letters.plain(circle.event, BOB))
    with Mailbox(Account(**dovecot.account)) as mailbox:
        mailbox._connection.capabilities = ()
        (name,) = mailbox.names()
        mailbox.put_away(name)
        assert mailbox.names() == []
    assert (dovecot.count("INBOX"), dovecot.count("Processed")) == (0, 1)


def test_what_is_wrong_with_the_account_is_told(dovecot: Dovecot, settings: Settings) -> None:
    for wrong in ({"password": "x"}, {"folder": "Nowhere"}, {"port": free_port()}):
        settings.INBOUND_IMAP = dovecot.account | wrong
        row = job.run(ReadMailbox())
        assert row is not None
        assert row.state == "failed"
        assert row.error
        assert PASSWORD not in row.error
