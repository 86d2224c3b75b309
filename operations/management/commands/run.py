"""`manage.py run`: the whole site on one machine, set-up included: web server, mail worker, scheduler."""

import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connections

from operations import demo
from operations.processes import Child, Tree

UVICORN = (sys.executable, "-m", "uvicorn", "--host", settings.HOST, "--port", str(settings.PORT))
CELERY = (sys.executable, "-m", "celery", "--app", "opentalk_site", "--quiet")
# No access log: paths hold guest codes and queries hold sign-in codes. Who the client is, TRUSTED_PROXIES decides.
QUIET = ("--no-access-log", "--log-level", "warning", "--no-proxy-headers")
# Sockets: who does not answer for so long is gone. Compressing small frames costs more than it saves.
SOCKETS = (
    *("--ws-ping-interval", "15", "--ws-ping-timeout", "20"),
    *("--ws-max-size", "1048576", "--ws-per-message-deflate", "false"),
)
# No messages between workers: there is only one.
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")
COMMANDS = {
    "web": (*UVICORN, *QUIET, *SOCKETS, "--timeout-graceful-shutdown", "5", "opentalk_site.asgi:application"),
    # One task after the other: mails wait for the server, not for the processor, and SQLite has one writer anyway.
    "worker": (*CELERY, "worker", "--pool", "solo", *ALONE),
    "scheduler": (*CELERY, "beat", "--pidfile="),
}


class Command(BaseCommand):
    help = "Sets the site up, serves it at HOST and PORT, sends its mails and runs its jobs, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with demonstration accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_port()
        call_command("setup", demo=options["demo"])
        # The children open their own.
        connections.close_all()
        tree = Tree([Child(name, command) for name, command in COMMANDS.items()])
        tree.run(is_ready=_is_serving, when_ready=lambda: self._announce(options["demo"]))
        self.stdout.write("Stopped.")

    def _announce(self, with_demo: bool) -> None:
        lines = [*_places(), *(_accounts() if with_demo and settings.OIDC_IS_EMBEDDED else ()), "Stop with Ctrl-C."]
        self.stdout.write("\n" + "\n".join(lines) + "\n\n")
        self.stdout.flush()


def _check_port() -> None:
    """Here, where one line can say what to do; the web server would fail again and again."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    try:
        socket.create_server((settings.HOST, settings.PORT), family=family).close()
    except OSError as error:
        raise CommandError(
            f"Cannot listen at {settings.HOST} port {settings.PORT}: {error.strerror}."
            " Is the site running already? Another port: PORT=8001 make run"
        ) from None


def _is_serving() -> bool:
    try:
        socket.create_connection((settings.HOST, settings.PORT), timeout=1).close()
    except OSError:
        return False
    return True


def _places() -> list[str]:
    return [
        "OpenTalk Site is running.",
        "",
        f"  Site             {settings.BASE_URL}/",
        *([f"  API, try it out  {settings.BASE_URL}/v1/docs"] if settings.OPENAPI else []),
        f"  Admin            {settings.BASE_URL}/admin/",
        f"  OIDC issuer      {settings.OIDC_ISSUER}",
        f"  Mails go to      {_mail_target()}",
        f"  Data             {settings.VAR}",
        "",
    ]


def _mail_target() -> str:
    if settings.EMAIL_BACKEND == "mailer.backends.EmlBackend":
        return f"{settings.EMAIL_FILE_PATH}/*.eml (EMAIL_URL=smtp://… sends them)"
    if settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} (SMTP)"
    return settings.EMAIL_BACKEND


def _accounts() -> list[str]:
    """Who can sign in. A password that somebody changed since is not known here."""
    people = [f"    {person.username:10}{person.email:22}{_remark(person)}" for person in demo.PEOPLE]
    return [f"  Demo accounts, password {demo.password()}", *(line.rstrip() for line in people), ""]


def _remark(person: demo.Person) -> str:
    if person.is_staff:
        return "for the admin"
    return "" if person.has_used_api else "has never signed in"
