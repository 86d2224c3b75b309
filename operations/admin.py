"""Job runs, and their schedule, for staff."""

from django.contrib import admin
from django.contrib.messages import ERROR, SUCCESS
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from activity.actors import Actor
from activity.models import Activity
from operations.models import JobRun
from operations.schedule import run_now, switch_task
from staff.admin import ReadOnlyAdmin
from staff.filters import KindFilter
from staff.names import name_of

admin.site.unregister(PeriodicTask)


@admin.register(PeriodicTask)
class ScheduleAdmin(PeriodicTaskAdmin):
    """The package's, with actions that are recorded and ask for the right to change."""

    list_display = ("called_task", "enabled", "scheduler", "interval", "start_time", "last_run_at", "one_off")
    list_filter = ("enabled", "one_off", "start_time", "last_run_at")
    actions = ("enable_tasks", "disable_tasks", "run_tasks")

    @admin.display(description=_("name"), ordering="name")
    def called_task(self, task: PeriodicTask) -> str:
        return name_of("periodictask.name", task.name)

    @admin.action(description=_("Enable selected tasks"), permissions=["change"])
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        actor = Actor.by_admin(request.user)
        count = sum(switch_task(task=task, is_enabled=True, actor=actor) for task in queryset)
        text = ngettext("%(count)d task is enabled", "%(count)d tasks are enabled", count)
        self.message_user(request, text % {"count": count}, SUCCESS)

    @admin.action(description=_("Disable selected tasks"), permissions=["change"])
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        actor = Actor.by_admin(request.user)
        count = sum(switch_task(task=task, is_enabled=False, actor=actor) for task in queryset)
        text = ngettext("%(count)d task is disabled", "%(count)d tasks are disabled", count)
        self.message_user(request, text % {"count": count}, SUCCESS)

    @admin.action(description=_("Run selected tasks"), permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        count = 0
        try:
            for task in queryset:
                run_now(task=task, actor=Actor.by_admin(request.user))
                count += 1
        except OperationalError as error:
            self.message_user(request, gettext("The broker does not answer: %(error)s") % {"error": error}, ERROR)
        text = ngettext("%(count)d task is started", "%(count)d tasks are started", count)
        self.message_user(request, text % {"count": count}, SUCCESS)


class JobFilter(KindFilter):
    title = _("job")
    parameter_name = "job"
    column = "jobrun.job"


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    history_told = _(
        "This is what the job wrote into the log while it ran. Mails that it sent are in the list of mails."
    )
    list_display = ("called_job", "started_at", "took", "state", "is_dry_run", "touched", "failed")
    list_filter = (JobFilter, "state", "is_dry_run")
    fields = readonly_fields = (
        "called_job", "job", "parameters", "is_dry_run", "state", "started_at", "finished_at", "took", "total",
        "touched", "failed", "result", "error", "expires_at",
    )  # fmt: skip
    ordering = ("-started_at",)
    show_full_result_count = False

    def history_of(self, run: JobRun) -> QuerySet[Activity]:
        """What the job has written while it ran."""
        within = (run.started_at, run.finished_at or timezone.now())
        of_job = Activity.objects.filter(actor_kind=Activity.ActorKind.JOB, actor_name=run.job)
        return of_job.filter(occurred_at__range=within)

    @admin.display(description=_("job"), ordering="job")
    def called_job(self, run: JobRun) -> str:
        return name_of("jobrun.job", run.job)

    @admin.display(description=_("seconds"))
    def took(self, run: JobRun) -> str:
        return "-" if run.duration is None else number_format(round(run.duration.total_seconds(), 1))
