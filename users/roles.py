"""The shipped roles of staff in words. A migration made them with their rights; superusers change them in the admin."""

from django.utils.translation import gettext_lazy as _

SUPPORT, MAIL_OPERATOR, TENANT_ADMINISTRATOR, PRIVACY_OFFICER = (
    "Support", "Mail operator", "Tenant administrator", "Privacy officer"
)  # fmt: skip
TOLD = {
    SUPPORT: _("looks at everything that helps to answer a question, changes nothing, reads no mails"),
    MAIL_OPERATOR: _("reads mails, sends them again, keeps suppressed addresses and the texts of mails"),
    TENANT_ADMINISTRATOR: _("people, meetings, mails and texts of the own tenant alone"),
    PRIVACY_OFFICER: _("looks at all that is kept about a person, files and mails too; suppresses addresses"),
}
_NAMES = {
    SUPPORT: _("Support"),
    MAIL_OPERATOR: _("Mail operator"),
    TENANT_ADMINISTRATOR: _("Tenant administrator"),
    PRIVACY_OFFICER: _("Privacy officer"),
}


def shown_name(name: str) -> str:
    """In the reader's language; roles that staff made have their own name."""
    return str(_NAMES.get(name, name))
