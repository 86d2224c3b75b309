from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailerConfig(AppConfig):
    name = "mailer"
    verbose_name = _("Mail")

    def ready(self) -> None:
        from anymail.signals import tracking  # noqa: PLC0415 - models load after the app registry

        from mailer.tracking import receive  # noqa: PLC0415

        tracking.connect(receive, dispatch_uid="mailer.tracking")
