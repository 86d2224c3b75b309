from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvitesConfig(AppConfig):
    name = "invites"
    verbose_name = _("Invitations")

    def ready(self) -> None:
        from invites import schema  # noqa: F401, PLC0415 - drf-spectacular finds the class when it is imported
