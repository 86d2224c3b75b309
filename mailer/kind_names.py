"""What staff call the kinds of mail: what a mail says, and to whom."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from mailer.kinds import KINDS, OF_MEETINGS

SAYS: dict[str, Any] = {
    "invite": _("Invitation"),
    "update": _("Update"),
    "cancellation": _("Cancellation"),
    "uninvite": _("Withdrawn invitation"),
    "reminder": _("Reminder"),
    "refusal": _("Refused proposal"),
}
TO: dict[str, Any] = {
    "registered": _("account"),
    "unregistered": _("unused account"),
    "external": _("guest"),
}
OTHERS: dict[str, Any] = {
    "answers_digest": _("New answers"),
    "callback_notice": _("Trouble with callbacks"),
}


def kind_name(kind: str) -> str:
    """`Invitation (guest)`; the kind itself where another version of the site knew it."""
    if kind in OTHERS:
        return str(OTHERS[kind])
    if kind not in OF_MEETINGS:
        return kind
    return f"{SAYS[OF_MEETINGS[kind].action]} ({TO[kind.split('_', 1)[0]]})"


def names() -> dict[str, Any]:
    """Of all kinds, each in the language of whoever reads it."""
    return {kind: lazy(kind_name, str)(kind) for kind in KINDS}
