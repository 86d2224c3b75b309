"""What staff call the kinds of callbacks."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "ping": _("Test"),
    "smart_invite": _("Answer to a Smart Invite"),
    "webhook": _("Event for a webhook"),
}
