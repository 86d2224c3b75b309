"""Figures for Prometheus, in its text format; from the database, so that each process tells the same.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.deliveries.models import Delivery, Endpoint
from mailer.models import HeldDomain, OutgoingMail
from mailer.send import due
from operations.dashboard.figures import WAITING
from operations.dashboard.jobs import jobs
from operations.dashboard.readers import readers
from operations.health import checks
from rest import live
from rest.client import client_address
from signaling.models import Participant, RoomSession

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "opentalk_site"


@dataclass(frozen=True)
class Metric:
    """A gauge; `samples` are its values by the value of `label`, "" for a metric without one."""

    name: str
    told: str
    samples: Mapping[str, float]
    label: str = ""


@require_safe
@never_cache
def metrics_view(request: HttpRequest) -> HttpResponse:
    """Only for the networks of METRICS_ALLOWED; nobody else learns that it is there."""
    if not _is_allowed(client_address(request)):
        raise Http404
    return HttpResponse("".join(map(_text, metrics())), content_type=CONTENT_TYPE)


def _is_allowed(text: str) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return any(found in network for network in settings.METRICS_ALLOWED)


def metrics() -> Iterator[Metric]:
    """In constant statements, each over what is not finished, or by an index."""
    states = {check.name: {"ok": 0.0, "warning": 1.0, "failed": 2.0}[check.state] for check in checks()}
    yield Metric("check", "What the readiness probe found: 0 ok, 1 warning, 2 failed", states, "check")
    if max(states.values()) == 2:
        return
    yield from _mails()
    yield from _callbacks()
    yield from _meetings()
    yield from _jobs()
    behind = readers(timezone.now())
    yield Metric("log_readers_lag_seconds", "How far readers of the log are behind", {"": behind.lag.total_seconds()})
    yield Metric("programs_waiting", "Programs that wait for news at this process", {"": len(live.running)})


def _mails() -> Iterator[Metric]:
    now = timezone.now()
    waiting = OutgoingMail.objects.order_by().filter(state__in=WAITING).values("state").annotate(count=Count("pk"))
    counted = dict.fromkeys(map(str, WAITING), 0) | dict(waiting.values_list("state", "count"))
    yield Metric("mails_waiting", "Mails that are not sent yet, by state", counted, "state")
    first = OutgoingMail.objects.filter(due(now)).order_by("next_try_at").values_list("next_try_at", flat=True).first()
    age = (now - first).total_seconds() if first else 0.0
    yield Metric("mail_queue_age_seconds", "For how long the first mail that is due has waited", {"": max(age, 0.0)})
    held = HeldDomain.objects.filter(held_until__gt=now).count()
    yield Metric("mail_domains_held", "Domains that take no mails now", {"": held})


def _callbacks() -> Iterator[Metric]:
    open_ones = Delivery.objects.order_by().filter(ended_at=None).values("state").annotate(count=Count("pk"))
    counted = dict.fromkeys(Delivery.OPEN, 0) | dict(open_ones.values_list("state", "count"))
    yield Metric("callbacks_waiting", "Callbacks that have not arrived yet, by state", counted, "state")
    disabled = Endpoint.objects.filter(state=Endpoint.State.DISABLED).count()
    yield Metric("callback_endpoints_disabled", "Addresses that get no callbacks any more", {"": disabled})


def _meetings() -> Iterator[Metric]:
    running = RoomSession.objects.filter(ended_at=None).count()
    yield Metric("live_meetings", "Live meetings", {"": running})
    people = Participant.objects.filter(session__ended_at=None, where=Participant.Where.JOINED)
    count = people.exclude(kind=Participant.Kind.RECORDER).count()
    yield Metric("live_people", "People in live meetings", {"": count})


def _jobs() -> Iterator[Metric]:
    runs = {state.name: state.run for state in jobs(timezone.now()).states if state.run is not None}
    began = {name: run.started_at.timestamp() for name, run in runs.items()}
    yield Metric("job_last_start_timestamp_seconds", "When the job began last", began, "job")
    failed = {name: float(run.state == run.State.FAILED) for name, run in runs.items()}
    yield Metric("job_failed", "1 where the last run failed", failed, "job")


def _text(metric: Metric) -> str:
    """Labels are words of our own, which need no escaping."""
    name = f"{PREFIX}_{metric.name}"
    lines = [f"# HELP {name} {metric.told}", f"# TYPE {name} gauge"]
    for value, number in metric.samples.items():
        label = f'{{{metric.label}="{value}"}}' if metric.label else ""
        lines.append(f"{name}{label} {number:g}" if number < 1e6 else f"{name}{label} {number:.3f}")
    return "\n".join(lines) + "\n"
