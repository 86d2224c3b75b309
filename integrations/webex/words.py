"""The words of Webex webhooks: resources, events, and the members that a filter may name.

Each resource goes with each event: a pair that never happens here is a webhook that stays silent.
"""

ALL = "all"
RESOURCES = (
    "adminBatchJobs", "attachmentActions", "convergedRecordings", "dataSources", "meetingParticipants",
    "meetingTranscripts", "meetings", "memberships", "messages", "recordings", "rooms", "serviceApp",
    "telephony_calls", "telephony_conference", "telephony_mwi", "uc_counters", ALL,
)  # fmt: skip
EVENTS = (
    "authorized", "created", "deauthorized", "deleted", "ended", "joined", "left", "migrated", "started",
    "statusChanged", "updated", ALL,
)  # fmt: skip
# Not about what one person sees: their webhooks are those of compliance officers.
OF_THE_ORG = frozenset({"adminBatchJobs", "convergedRecordings", "dataSources", "serviceApp", "uc_counters"})

FILTERS: dict[str, tuple[str, ...]] = {
    "attachmentActions": ("roomId",),
    "memberships": ("roomId", "personId", "personEmail", "isModerator"),
    "messages": ("roomId", "roomType", "personId", "personEmail", "hasFiles"),
    "rooms": ("type", "isLocked"),
    "meetings": ("roomId", "hostEmail", "hostUserId"),
    "meetingParticipants": ("roomId", "personId", "personEmail"),
    "meetingTranscripts": ("roomId",),
    "recordings": ("roomId",),
    "convergedRecordings": ("roomId",),
}
# Only in webhooks of the tenant: a person's tell only of meetings that the person knows anyway.
OF_ORG_WEBHOOKS = frozenset({"hostEmail", "hostUserId"})
