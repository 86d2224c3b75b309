"""Runs the job that the schedule names."""

from typing import Any

from celery import shared_task

from operations import job
from operations.jobs import JOBS


@shared_task(name="operations.tasks.run_job")
def run_job(name: str, *, is_dry_run: bool = False, **parameters: Any) -> None:
    job.run(JOBS[name](**parameters), is_dry_run=is_dry_run)
