from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignalingConfig(AppConfig):
    name = "signaling"
    verbose_name = _("Live meetings")

    def ready(self) -> None:
        from activity.signals import recorded  # noqa: PLC0415 - models load after the app registry
        from signaling.news import hear  # noqa: PLC0415

        recorded.connect(hear, dispatch_uid="signaling.news")
