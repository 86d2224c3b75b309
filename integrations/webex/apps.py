from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebexConfig(AppConfig):
    name = "integrations.webex"
    verbose_name = _("Webex")

    def ready(self) -> None:
        from activity.models import Activity  # noqa: PLC0415 - models load after the app registry
        from activity.signals import recorded  # noqa: PLC0415
        from integrations.deliveries import claims  # noqa: PLC0415
        from integrations.webex import push  # noqa: PLC0415

        claims.gates.append(push.may_hear)
        recorded.connect(push.hear, sender=Activity, dispatch_uid="webex.hear")
