"""The Celery task that works on a list. If it is lost, the run-imports job still finds the list."""

import uuid

from celery import shared_task

from outgoing import broker


@shared_task(name="imports.work")
def work_on(pk: str) -> None:
    from imports.work import work  # noqa: PLC0415 - the web process queues this task

    work(uuid.UUID(pk))


def wake(pk: uuid.UUID) -> None:
    broker.wake(work_on, str(pk), news="new imports")
