"""Whether this process lives, and whether requests should come to it: for load balancers, containers and monitors."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailer.models import OutgoingMail
from mailer.send import due
from operations.dashboard.readers import LATE, readers

State = Literal["ok", "warning", "failed"]
QUEUE_AGE = timedelta(minutes=5)
BROKER_SECONDS = 1
# The broker is asked that often at most: a probe comes every few seconds, from each load balancer.
BROKER_PAUSE_SECONDS = 10


@dataclass(frozen=True)
class Check:
    """`failed` keeps requests away; a `warning` is for people, because requests succeed all the same."""

    name: str
    state: State
    told: str = ""


@require_safe
@never_cache
def live_view(request: HttpRequest) -> HttpResponse:
    """Asks nothing: a database that is away is no reason to start this process anew."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def ready_view(request: HttpRequest) -> HttpResponse:
    """503 where a check has failed. What is wrong in detail stands in the log and in the admin, not here."""
    found = checks()
    state = worst(found)
    body: dict[str, Any] = {"status": state, "checks": {check.name: check.state for check in found}}
    return JsonResponse(body, status=503 if state == "failed" else 200)


def checks() -> list[Check]:
    """In an order in which a later one needs what an earlier one has found."""
    database = _database()
    if database.state == "failed":
        return [database]
    migrations = _migrations()
    if migrations.state == "failed":
        return [database, migrations]
    return [database, migrations, _broker(), _mails(), _readers()]


def worst(found: list[Check]) -> State:
    states = {check.state for check in found}
    return "failed" if "failed" in states else "warning" if "warning" in states else "ok"


def _database() -> Check:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check("database", "failed", str(error).strip())
    return Check("database", "ok")


class _Migrations:
    """Once all are applied they stay so while this process lives: the next look costs nothing."""

    is_complete = False

    def __call__(self) -> Check:
        if not self.is_complete:
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if missing:
                names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in missing[:3])
                return Check("migrations", "failed", f"{len(missing)} are not applied: {names} …")
            self.is_complete = True
        return Check("migrations", "ok")


class _Broker:
    """Without it requests succeed, and what they queue leaves with the next sweep."""

    asked_at = float("-inf")
    problem = ""

    def __call__(self) -> Check:
        if time.monotonic() - self.asked_at >= BROKER_PAUSE_SECONDS:
            self.problem = self._ask()
            self.asked_at = time.monotonic()
        return Check("broker", "warning" if self.problem else "ok", self.problem)

    def _ask(self) -> str:
        try:
            with current_app.connection_for_write() as broker:
                broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
        except Exception as error:  # noqa: BLE001 - each broker's library has its own
            return f"{type(error).__name__}: {error}"
        return ""


_migrations: Callable[[], Check] = _Migrations()
_broker: Callable[[], Check] = _Broker()


def _mails() -> Check:
    now = timezone.now()
    first = OutgoingMail.objects.filter(due(now)).order_by("next_try_at").values_list("next_try_at", flat=True).first()
    if first is None or now - first <= QUEUE_AGE:
        return Check("mails", "ok")
    return Check("mails", "warning", f"The first should have left {(now - first).total_seconds():.0f} s ago.")


def _readers() -> Check:
    lag = readers(timezone.now()).lag
    if lag <= LATE:
        return Check("log_readers", "ok")
    return Check("log_readers", "warning", f"They are {lag.total_seconds():.0f} s behind.")
