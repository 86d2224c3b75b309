"""Who is invited: a membership of the meeting's room."""

from activity.kinds import (
    InviteAdded,
    InviteAnswered,
    InviteClaimed,
    InviteRefreshed,
    InviteRemoved,
    InviteResent,
    InviteUpdated,
    ProposalAccepted,
    ProposalRefused,
)
from integrations.webex import ids
from integrations.webex.formats import common
from integrations.webex.formats.table import Event, Formats, Json, NotShown, Told

DECLINED = "declined"


def membership(one: Told) -> Json:
    activity, data = one.activity, one.data
    address = data.get("invited_address") or data["address"]
    told = common.base(one) | {"id": ids.written(ids.MEMBERSHIP, activity.subject_id)}
    told |= common.person(data["invitee_id"], address)
    return told | ({"isModerator": data["role"] == "moderator"} if "role" in data else {})


def new_membership(one: Told) -> Json:
    return membership(one) | common.created(one)


def answered(one: Told) -> Json | None:
    """Who declines is a member no more; what somebody else answered changes nothing."""
    return _with_status(one) if _is_answer(one) and one.data["status"] != DECLINED else None


def declined(one: Told) -> Json | None:
    return _with_status(one) if _is_answer(one) and one.data["status"] == DECLINED else None


def _is_answer(one: Told) -> bool:
    """Of the invitee, for the whole meeting. The first version of the kind knew no others."""
    return bool(one.data.get("is_by_invitee", True)) and one.data["occurrence"] is None


def _with_status(one: Told) -> Json:
    return membership(one) | {"status": one.data["status"]}


FORMATS: Formats = {
    InviteAdded: [Event("memberships", "created", new_membership)],
    InviteUpdated: [Event("memberships", "updated", membership)],
    InviteClaimed: [Event("memberships", "updated", membership)],
    InviteRemoved: [Event("memberships", "deleted", membership)],
    InviteAnswered: [Event("memberships", "updated", answered), Event("memberships", "deleted", declined)],
}
# A proposal that is accepted changes the meeting, which is an event of its own.
NOT_SHOWN: NotShown = frozenset({InviteRefreshed, InviteResent, ProposalAccepted, ProposalRefused})
