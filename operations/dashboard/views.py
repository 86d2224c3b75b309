"""The page and the same figures as JSON, for staff who are signed in to the admin."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event
from mailer.models import OutgoingMail
from operations.dashboard import attention, figures, page
from operations.dashboard.attention import Point
from operations.dashboard.figures import Mails, PerDay
from operations.dashboard.jobs import Jobs, jobs
from operations.dashboard.reader import Reader
from operations.dashboard.readers import Readers, in_words, of_readers, readers
from operations.models import JobRun
from signaling.models import RoomSession


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """What the reader may not see is None."""

    now: datetime
    points: list[Point]
    meetings: PerDay | None
    answers: dict[str, int] | None
    mails: Mails | None
    jobs: Jobs | None
    live: tuple[int, int] | None  # meetings and people
    readers: Readers | None


def dashboard_of(reader: Reader) -> Dashboard:
    now = timezone.now()
    mails = figures.mails(reader, now) if reader.sees(OutgoingMail) else None
    ran = jobs(now) if reader.sees(JobRun) else None
    behind = readers(now) if reader.sees(JobRun) else None
    points = [
        *(attention.of_mails(mails, now) if mails else ()),
        *(attention.of_jobs(ran) if ran else ()),
        *(of_readers(behind) if behind else ()),
        *attention.of_other_systems(reader),
    ]
    sees_meetings = reader.sees(Event)
    return Dashboard(
        now=now,
        points=sorted(points, key=lambda point: not point.is_grave),
        meetings=figures.meetings_per_day(reader, now) if sees_meetings else None,
        answers=figures.answers(reader, now) if sees_meetings else None,
        mails=mails,
        jobs=ran,
        live=figures.live(reader) if reader.sees(RoomSession) else None,
        readers=behind,
    )


@require_safe
def dashboard_page(request: HttpRequest) -> HttpResponse:
    """The admin's first page, with Django's list of models below."""
    shown = dashboard_of(Reader(request))
    charts = [
        *([page.mails_chart(shown.mails)] if shown.mails else ()),
        *([page.meetings_chart(shown.meetings)] if shown.meetings is not None else ()),
        *([page.answers_chart(shown.answers)] if shown.answers is not None else ()),
    ]
    context = {
        "points": shown.points,
        "tiles": page.tiles(shown.mails, shown.now) if shown.mails else (),
        "charts": charts,
        "jobs": shown.jobs,
        "errors": shown.mails.errors if shown.mails else (),
        "live": page.live_in_words(*shown.live) if shown.live else "",
        "readers": in_words(shown.readers) if shown.readers else "",
        "shows_figures": any((shown.points, charts, shown.jobs, shown.live)),
    }
    return admin.site.index(request, extra_context={"dashboard": context})


@require_safe
@never_cache
def dashboard_json(request: HttpRequest) -> JsonResponse:
    """By the session of the admin. Somebody who is not signed in is told so, not sent to a page."""
    if not admin.site.has_permission(request):
        code, status = ("forbidden", 403) if request.user.is_authenticated else ("unauthorized", 401)
        return JsonResponse({"code": code}, status=status)
    return JsonResponse(page.as_json(_written(dashboard_of(Reader(request)))))


def _written(shown: Dashboard) -> dict[str, Any]:
    """Members that the reader may not see are left out."""
    written: dict[str, Any] = {
        "at": shown.now,
        "days": figures.DAYS,
        "attention": [{"code": point.code, "is_grave": point.is_grave, "told": point.told} for point in shown.points],
    }
    if shown.meetings is not None:
        written |= {"meetings_per_day": shown.meetings, "answers": shown.answers}
    if shown.mails:
        written["mails"] = {
            "per_day": shown.mails.per_day,
            "by_state": shown.mails.by_state,
            "bounce_rate": shown.mails.bounce_rate,
            "waiting": shown.mails.waiting,
            "overdue_since": shown.mails.overdue_since,
            "errors": [{"error": error, "count": count} for error, count in shown.mails.errors],
        }
    if shown.live:
        written["live"] = dict(zip(("meetings", "people"), shown.live, strict=True))
    if shown.readers:
        written["readers"] = {
            "hidden_since": shown.readers.hidden_since,
            "lag_seconds": round(shown.readers.lag.total_seconds(), 3),
            "waiting": shown.readers.waiting,
        }
    if shown.jobs:
        written["jobs"] = [_job(state) for state in shown.jobs.states]
        written |= {"beat_at": shown.jobs.beat_at, "worker_at": shown.jobs.worker_at}
    return written


def _job(state: Any) -> dict[str, Any]:
    run = state.run
    return {
        "name": state.name,
        "state": run.state if run else None,
        "started_at": run.started_at if run else None,
        "took_seconds": state.took_seconds,
        "touched": run.touched if run else None,
        "next_at": state.next_at,
        "is_enabled": state.is_enabled,
        "is_late": state.is_late,
    }
