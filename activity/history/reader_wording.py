"""What the kinds of reader_kinds.py are called, and the sentences that tell of them; wording.py says how."""

from django.utils.translation import gettext_lazy as _

READERS = {
    "compliance.listed": (
        _("Log read by the Webex API"),
        _("%(who)s read %(count)s entries of the log by the Webex API"),
    ),
    "compliance.read": (_("Entry read by the Webex API"), _("%(who)s read an entry of the log by the Webex API")),
    "cospace_session.ended": (_("cospace session ended"), _("%(who)s ended a cospace session of %(object)s")),
    "webhook.created": (_("Webhook created"), _("%(who)s created the webhook %(object)s, which calls %(host)s")),
    "webhook.updated": (_("Webhook changed"), _("%(who)s changed the webhook %(object)s, which calls %(host)s")),
    "webhook.deleted": (_("Webhook deleted"), _("%(who)s deleted the webhook %(object)s, which called %(host)s")),
}
