"""Kinds of which the seed knows no event, each with the reason."""

from integrations.cospace.formats.registry import not_shown

# Accounts and sign-ins: the seed has neither.
not_shown(
    "user.added", "user.created", "user.signed_out", "user.seen_as", "user.signed_in", "user.sign_in_refused",
    "user.guessed", "user.unlocked", "user.password_set", "user.second_factor_set", "user.second_factor_removed",
    "user.recovery_code_used",
)  # fmt: skip
# A meeting is told as the conference it is held in: room.created and room.deleted come with these.
not_shown("event.created", "event.deleted")
# Roles in a meeting, mails about it, other times for it, who likes it.
not_shown(
    "invite.updated", "invite.refreshed", "invite.resent", "proposal.accepted", "proposal.refused",
    "favorite.added", "favorite.removed",
)  # fmt: skip
# Guests and guesses at the door of a room.
not_shown("code.created", "code.updated", "code.revoked", "room.guessed", "room.unlocked")
# In a live meeting: the seed's members of a conference have no role, chat, recording or vote.
not_shown(
    "participant.role_changed", "chat.message_sent", "chat.history_cleared", "recording.started", "recording.paused",
    "recording.stopped", "recording.consent_changed", "vote.ended",
)  # fmt: skip
# What comes before fax_convert and its like, and what staff do about it.
not_shown("content.uploaded", "conversion.retried")
# What staff do.
not_shown(
    "cospace_session.ended",
    "setup.created", "setup.updated", "setup.deleted", "settings.updated", "job.requested", "list.exported",
    "list.imported", "mail.resent", "mail.aborted", "mail.processed_again",
    "mail.address_suppressed", "mail.suppression_lifted", "mail.domain_released",
)  # fmt: skip
# Webhooks and callbacks are other ways to learn of the same.
not_shown(
    "compliance.listed", "compliance.read",
    "webhook.created", "webhook.updated", "webhook.deleted", "endpoint.disabled",
    "endpoint.enabled", "endpoint.refuses", "endpoint.pinged", "callback.given_up",
    "callback.skipped", "callback.redelivered",
)  # fmt: skip
# What only producers report: Webex has words for it, the seed has none.
not_shown(
    "call_record.created", "transcript.created", "converged_recording.created", "attachment_action.created",
    "business_text.created", "file_transcoding.created", "meeting_message.created", "meeting_message.deleted",
    "extra.reported",
)  # fmt: skip
