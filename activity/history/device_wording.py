"""What the kinds of device_kinds.py are called, and the sentences that tell of them; wording.py says how.

They name no phone number, no address of a device and no text of a message.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from activity.models import Activity


def _message(activity: Activity) -> Any:
    match activity.data.get("type"):
        case "add":
            return _("%(who)s added somebody to a chat")
        case "leave":
            return _("%(who)s left a chat")
    return _("%(who)s wrote in a chat")


DEVICES = {
    "box.online": (_("Device online"), _("The device %(description)s is online")),
    "box.offline": (
        _("Device offline"),
        _("The device %(description)s is offline: it was not heard of for a while"),
    ),
    "sip_account.created": (_("SIP account created"), _("%(who)s created the SIP account %(user)s@%(domain)s")),
    "sip_account.updated": (_("SIP account changed"), _("%(who)s changed the SIP account %(user)s@%(domain)s")),
    "sip_account.deleted": (_("SIP account deleted"), _("%(who)s deleted the SIP account %(user)s@%(domain)s")),
    "sip_account.registered": (
        _("SIP device registered"),
        _("A device has registered with the SIP account %(user)s@%(domain)s"),
    ),
    "sip_account.unregistered": (
        _("SIP device gone"),
        _("A device is no longer registered with the SIP account %(user)s@%(domain)s"),
    ),
    "phone.updated": (_("Phone settings changed"), _("%(who)s changed phone settings")),
    "dialplan.updated": (_("Dialplan changed"), _("%(who)s changed a dialplan")),
    "call_reverse.started": (_("Call back started"), _("An incoming call is being called back")),
    "call_reverse.stopped": (_("Call back ended"), _("Calling back has ended")),
    "chat.created": (_("Chat opened"), _("%(who)s opened a chat")),
    "chat.message_posted": (_("Message in a chat"), _message),
}
