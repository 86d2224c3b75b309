"""People's own settings, and their invitations."""

from activity.models import Activity
from integrations.cospace.formats.registry import Events, Reader, told


@told("user.updated", "digest.updated")
def settings_changed(activity: Activity, reader: Reader) -> Events:
    """The number of a person's phone is a setting of both."""
    also: Events = [("phone_modify", {})] if "phone" in activity.changes else []
    return [("user_modify", {}), *also]


@told("reminders.updated")
def reminders_changed(activity: Activity, reader: Reader) -> Events:
    """A person's usual ones; those of a single meeting are no setting of the person."""
    return [("user_modify", {})] if activity.subject_id == reader.user_id else []


def invitation(name: str, activity: Activity) -> Events:
    """Between people with accounts: invitations by address are internal ones when they are claimed."""
    invitee = activity.data.get("invitee_id")
    if not invitee or activity.owner_id is None:
        return []
    return [(name, {"owner": str(activity.owner_id), "user": invitee})]
