"""The schedule of the jobs, as staff change it. What a form writes of it is written by activity/setup.py."""

import json
from functools import partial

from celery import current_app
from django.db import transaction
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from activity.actors import Actor
from activity.kinds import JobRequested, SetupUpdated
from activity.log import record


@transaction.atomic
def switch_task(*, task: PeriodicTask, is_enabled: bool, actor: Actor) -> bool:
    """False where it is so already."""
    other = PeriodicTask.objects.filter(pk=task.pk, enabled=not is_enabled)
    if not other.update(enabled=is_enabled, **({} if is_enabled else {"last_run_at": None})):
        return False
    PeriodicTasks.update_changed()
    changes = {"enabled": (not is_enabled, is_enabled)}
    record(SetupUpdated(label=task.name), actor=actor, subject=task, changes=changes)
    return True


@transaction.atomic
def run_now(*, task: PeriodicTask, actor: Actor) -> None:
    """Beside its schedule. Commit raises kombu's OperationalError where the broker does not answer."""
    record(JobRequested(label=task.name), actor=actor, subject=task)
    arguments = {"args": json.loads(task.args), "kwargs": json.loads(task.kwargs), "queue": task.queue or None}
    transaction.on_commit(partial(current_app.send_task, task.task, **arguments, retry=False))
