"""The catalogue of periodic jobs. Each is one module with one class; when they run stands in CELERY_BEAT_SCHEDULE."""

from operations.job import Job
from operations.jobs.deliver_mail import DeliverMail

JOBS: dict[str, type[Job]] = {job.name: job for job in (DeliverMail,)}
