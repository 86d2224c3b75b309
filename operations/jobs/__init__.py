"""The catalogue of periodic jobs. Each is one module with one class; when they run stands in CELERY_BEAT_SCHEDULE."""

from operations.job import Job
from operations.jobs.claim_invites import ClaimInvites
from operations.jobs.deliver_mail import DeliverMail
from operations.jobs.prune_mail_bodies import PruneMailBodies
from operations.jobs.send_reminders import SendReminders
from operations.jobs.sync_shared_folders import SyncSharedFolders

JOBS: dict[str, type[Job]] = {
    job.name: job for job in (ClaimInvites, DeliverMail, PruneMailBodies, SendReminders, SyncSharedFolders)
}
