"""The catalogue of periodic jobs. Each is one module with one class; when they run stands in CELERY_BEAT_SCHEDULE."""

from operations.job import Job
from operations.jobs.adhoc_event_cleanup import AdhocEventCleanup
from operations.jobs.claim_invites import ClaimInvites
from operations.jobs.convert_uploads import ConvertUploads
from operations.jobs.deliver_callbacks import DeliverCallbacks
from operations.jobs.deliver_mail import DeliverMail
from operations.jobs.end_registrations import EndRegistrations
from operations.jobs.event_cleanup import EventCleanup
from operations.jobs.expire_members import ExpireMembers
from operations.jobs.invite_cleanup import InviteCleanup
from operations.jobs.keep_presentations import KeepPresentations
from operations.jobs.notice_missed_heartbeats import NoticeMissedHeartbeats
from operations.jobs.prune_callback_bodies import PruneCallbackBodies
from operations.jobs.prune_calls import PruneCalls
from operations.jobs.prune_chats import PruneChats
from operations.jobs.prune_cospace_events import PruneCospaceEvents
from operations.jobs.prune_cospace_sessions import PruneCospaceSessions
from operations.jobs.prune_imports import PruneImports
from operations.jobs.prune_inbound_mails import PruneInboundMails
from operations.jobs.prune_mail_bodies import PruneMailBodies
from operations.jobs.prune_messages import PruneMessages
from operations.jobs.prune_reports import PruneReports
from operations.jobs.prune_sensor_data import PruneSensorData
from operations.jobs.prune_trash import PruneTrash
from operations.jobs.read_mailbox import ReadMailbox
from operations.jobs.room_cleanup import RoomCleanup
from operations.jobs.run_imports import RunImports
from operations.jobs.self_check import SelfCheck
from operations.jobs.send_digests import SendDigests
from operations.jobs.send_reminders import SendReminders
from operations.jobs.sync_shared_folders import SyncSharedFolders

JOBS: dict[str, type[Job]] = {
    job.name: job
    for job in (
        AdhocEventCleanup,
        ClaimInvites,
        ConvertUploads,
        DeliverCallbacks,
        DeliverMail,
        EndRegistrations,
        ExpireMembers,
        KeepPresentations,
        NoticeMissedHeartbeats,
        EventCleanup,
        InviteCleanup,
        PruneCallbackBodies,
        PruneCalls,
        PruneChats,
        PruneCospaceEvents,
        PruneCospaceSessions,
        PruneImports,
        PruneInboundMails,
        PruneMailBodies,
        PruneMessages,
        PruneReports,
        PruneSensorData,
        PruneTrash,
        ReadMailbox,
        RoomCleanup,
        RunImports,
        SelfCheck,
        SendDigests,
        SendReminders,
        SyncSharedFolders,
    )
}
