"""What can keep somebody out of a room, by name: the rules are in the modules that check, and staff read the words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Hindrance(TextChoices):
    OWNER_DISABLED = "owner_disabled", _("The account of the room's owner is disabled")
    ACCOUNT_DISABLED = "account_disabled", _("The person's account is disabled")
    OTHER_TENANT = "other_tenant", _("The person belongs to another tenant")
    NOT_INVITED = "not_invited", _("Not invited")
    BANNED = "banned", _("Banned by a moderator until the live meeting is over")
    ENCRYPTED = "encrypted", _("The room is end-to-end encrypted: neither guests nor phones can enter")
    NO_GUESTS = "no_guests", _("Guests are switched off by the owner's tariff or by DISABLED_FEATURES")
    NO_CODE = "no_code", _("Invited without a guest code")
    UNKNOWN_CODE = "unknown_code", _("No guest code of this room")
    REVOKED = "revoked", _("The guest code was withdrawn")
    EXPIRED = "expired", _("The guest code has expired")
    NO_NUMBER = "no_number", _("This server has no telephone number (CALL_IN_TEL)")
    NO_CALL_IN = "no_call_in", _("Dial-in is switched off by the owner's tariff or by DISABLED_FEATURES")
    NO_DIAL_IN = "no_dial_in", _("The room has no dial-in")
