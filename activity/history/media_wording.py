"""What the kinds of media_kinds.py are called, and their sentences."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from activity.models import Activity


def _converted(well: Any, failed: Any) -> Callable[[Activity], Any]:
    return lambda activity: failed if activity.data.get("problem") else well


def _of_type(file: Any, folder: Any) -> Callable[[Activity], Any]:
    return lambda activity: folder if activity.data.get("type") == "folder" else file


def _deleted(activity: Activity) -> Any:
    if activity.subject_type == "object":
        return _("%(who)s deleted all files of a volume")
    if activity.data.get("type") == "folder":
        return _("%(who)s deleted the folder %(filename)s with all that was in it")
    return _("%(who)s deleted the file %(filename)s")


def _stopped(activity: Activity) -> Any:
    if activity.data.get("user_id"):
        return _("%(who)s ended the presentation %(object)s")
    return _("The presentation %(object)s ended without its moderator")


MEDIA: dict[str, tuple[Any, Any]] = {
    "content.uploaded": (_("Content uploaded"), _("%(who)s uploaded content for %(object)s (bytes: %(size)s)")),
    "fax.converted": (
        _("Fax converted"),
        _converted(
            _("The fax %(object)s was converted; pages: %(page_count)s"), _("The fax %(object)s could not be converted")
        ),
    ),
    "announcement.converted": (
        _("Announcement converted"),
        _converted(
            _("The announcement %(object)s was converted"), _("The announcement %(object)s could not be converted")
        ),
    ),
    "presentation.converted": (
        _("Presentation converted"),
        _converted(
            _("The presentation %(object)s was converted; pages: %(page_count)s"),
            _("The presentation %(object)s could not be converted"),
        ),
    ),
    "conversion.retried": (_("Conversion tried again"), _("%(who)s let %(object)s be converted again")),
    "fax.reported": (
        _("Fax report"),
        _("The fax %(object)s, from %(sender)s to %(recipient)s, has the status %(status)s"),
    ),
    "presentation.started": (_("Presentation started"), _("%(who)s started the presentation %(object)s")),
    "presentation.stopped": (_("Presentation ended"), _stopped),
    "file.created": (
        _("File created"),
        _of_type(_("%(who)s created the file %(filename)s"), _("%(who)s created the folder %(filename)s")),
    ),
    "file.updated": (
        _("File changed"),
        _of_type(_("%(who)s changed the file %(filename)s"), _("%(who)s changed the folder %(filename)s")),
    ),
    "file.deleted": (_("Files deleted"), _deleted),
}
