from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from staff.names import add_names


class MailerConfig(AppConfig):
    name = "mailer"
    verbose_name = _("Mail")

    def ready(self) -> None:
        from anymail.signals import tracking  # noqa: PLC0415 - models load after the app registry

        from mailer.kind_names import names  # noqa: PLC0415
        from mailer.tracking import receive  # noqa: PLC0415

        add_names("outgoingmail.kind", names())
        tracking.connect(receive, dispatch_uid="mailer.tracking")
