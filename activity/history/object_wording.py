"""What the kinds of object_kinds.py are called, and their sentences: a part of the catalogue in wording.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

OBJECTS: dict[str, tuple[Text, Text]] = {
    "tag.created": (_("Tag created"), _("%(who)s created the tag %(object)s")),
    "tag.updated": (_("Tag changed"), _("%(who)s changed the tag %(object)s or who has access by it")),
    "tag.deleted": (_("Tag deleted"), _("%(who)s deleted the tag %(object)s")),
    "object.created": (_("Object created"), _("%(who)s created: %(object_type)s %(object)s")),
    "object.updated": (_("Object changed"), _("%(who)s changed: %(object_type)s %(object)s")),
    "object.trashed": (
        _("Object put into the trash"),
        _("%(who)s put into the trash: %(object_type)s %(object)s"),
    ),
    "object.restored": (
        _("Object taken out of the trash"),
        _("%(who)s took out of the trash: %(object_type)s %(object)s"),
    ),
    "object.purged": (_("Object deleted for good"), _("%(who)s deleted for good: %(object_type)s %(object)s")),
    "object.shared": (_("Object shared"), _("%(who)s shared with more people: %(object_type)s %(object)s")),
    "object.unshared": (
        _("Object no longer shared"),
        _("%(who)s shares with fewer people: %(object_type)s %(object)s"),
    ),
    "object.tagged": (
        _("Tags of an object changed"),
        _("%(who)s changed the tags of: %(object_type)s %(object)s"),
    ),
    "object.metadata_changed": (
        _("Values of programs at an object changed"),
        _("%(who)s changed values that programs keep for: %(object_type)s %(object)s"),
    ),
    "user.metadata_changed": (
        _("Values of programs changed"),
        _("%(who)s changed values that programs keep for their own use"),
    ),
    "comment.created": (_("Comment written"), _("%(who)s commented on: %(object_type)s %(object)s")),
    "comment.updated": (_("Comment changed"), _("%(who)s changed a comment on: %(object_type)s %(object)s")),
    "comment.deleted": (_("Comment deleted"), _("%(who)s deleted a comment on: %(object_type)s %(object)s")),
    "trash.purged": (_("Trash emptied"), _("%(who)s emptied the trash; so many objects are gone: %(count)s")),
}
