from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CospaceConfig(AppConfig):
    name = "integrations.cospace"
    verbose_name = _("cospace")

    def ready(self) -> None:
        from activity.waking import polled  # noqa: PLC0415 - models load after the app registry
        from integrations.cospace import passing  # noqa: F401, PLC0415 - it listens to signals
        from integrations.cospace.models import PassingEvent, Subscription  # noqa: PLC0415

        polled.extend((PassingEvent, Subscription))
