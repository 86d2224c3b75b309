"""What staff should look at first, worst first, each with the page that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from events.models import FolderDeletion
from integrations.deliveries.models import Endpoint
from mailer.models import HeldDomain, OutgoingMail
from operations.dashboard.figures import Mails, first_instant
from operations.dashboard.jobs import Jobs
from operations.dashboard.reader import Reader
from operations.models import JobRun

# A mail leaves within seconds, or with the next sweep; this long after its time something is wrong.
QUEUE_AGE = timedelta(minutes=5)


@dataclass(frozen=True)
class Point:
    code: str  # for programs
    is_grave: bool
    told: str
    page: str = ""


def of_mails(mails: Mails, now: datetime) -> Iterator[Point]:
    if mails.overdue_since and now - mails.overdue_since > QUEUE_AGE:
        age = timesince(mails.overdue_since, now)
        told = gettext("Mails are not leaving: the first should have left %(age)s ago.") % {"age": age}
        yield Point("mail_queue_old", True, told, _mails_in("queued", now))
    if failed := mails.by_state["failed"]:
        told = ngettext(
            "%(count)d mail failed for good and was not sent.",
            "%(count)d mails failed for good and were not sent.",
            failed,
        )
        yield Point("mails_failed", True, told % {"count": failed}, _mails_in("failed", now))
    if bounced := mails.by_state["bounced"]:
        told = ngettext("%(count)d mail came back.", "%(count)d mails came back.", bounced)
        yield Point("mails_bounced", False, told % {"count": bounced}, _mails_in("bounced", now))
    if held := mails.held_domains:
        told = ngettext("%(count)d domain takes no mails now.", "%(count)d domains take no mails now.", held)
        yield Point("domains_held", False, told % {"count": held}, _list_of(HeldDomain))


def of_jobs(jobs: Jobs) -> Iterator[Point]:
    if jobs.is_beat_silent:
        yield Point("beat_silent", True, gettext("The scheduler (beat) gives no sign: no job is started."), "")
    if jobs.is_worker_silent:
        yield Point("worker_silent", True, gettext("No worker gives a sign: mails and jobs wait."), "")
    for state in jobs.states:
        if state.has_failed and state.run is not None:
            told = gettext("The job %(name)s failed: %(error)s") % {"name": state.title, "error": state.run.error[:200]}
            yield Point("job_failed", True, told, reverse("admin:operations_jobrun_change", args=[state.run.pk]))
        if state.is_late:
            told = gettext("The job %(name)s is late.") % {"name": state.title}
            yield Point("job_late", True, told, f"{_list_of(JobRun)}?{urlencode({'job': state.name})}")
        if not state.is_enabled and state.run is not None:
            told = gettext("The job %(name)s is switched off.") % {"name": state.title}
            yield Point("job_off", False, told, "")


def of_other_systems(reader: Reader) -> Iterator[Point]:
    if reader.sees(Endpoint) and (count := reader.rows(Endpoint).filter(state=Endpoint.State.DISABLED).count()):
        told = ngettext(
            "%(count)d callback address was switched off.", "%(count)d callback addresses were switched off.", count
        )
        yield Point("endpoints_disabled", True, told % {"count": count}, f"{_list_of(Endpoint)}?state__exact=disabled")
    tried = FolderDeletion.objects.filter(tried_at__isnull=False)
    if reader.sees(FolderDeletion) and (count := tried.count()):
        told = ngettext(
            "%(count)d shared folder could not be deleted.", "%(count)d shared folders could not be deleted.", count
        )
        yield Point("folders_left", False, told % {"count": count}, _list_of(FolderDeletion))


def _mails_in(state: str, now: datetime) -> str:
    since = {"state__exact": state, "created_at__gte": first_instant(now).isoformat()}
    return f"{_list_of(OutgoingMail)}?{urlencode(since)}"


def _list_of(model: type) -> str:
    opts = admin.site._registry[model].opts
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
