"""Runs the job that the schedule names."""

from typing import Any

from celery import shared_task

from operations import job
from operations.parameters import made


@shared_task(name="operations.tasks.run_job")
def run_job(name: str, *, is_dry_run: bool = False, **parameters: Any) -> None:
    job.run(made(name, parameters), is_dry_run=is_dry_run)
