from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CronofyConfig(AppConfig):
    name = "integrations.cronofy"
    verbose_name = _("Smart Invites")

    def ready(self) -> None:
        from events.models import Event  # noqa: PLC0415 - models load after the app registry
        from events.signals import ending  # noqa: PLC0415
        from integrations.cronofy import callbacks, endings, schema  # noqa: F401, PLC0415 - the schema by its import
        from invites.models import Reply  # noqa: PLC0415
        from invites.signals import answered  # noqa: PLC0415

        answered.connect(callbacks.tell, sender=Reply, dispatch_uid="cronofy.tell")
        ending.connect(endings.keep, sender=Event, dispatch_uid="cronofy.keep")
