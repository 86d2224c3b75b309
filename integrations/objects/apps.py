from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectsConfig(AppConfig):
    name = "integrations.objects"
    verbose_name = _("Shared objects")

    def ready(self) -> None:
        from activity.signals import recorded  # noqa: PLC0415 - models load after the app registry
        from integrations.objects import stored  # noqa: PLC0415
        from integrations.objects.services import conferences, handover  # noqa: PLC0415

        stored.connect()
        recorded.connect(conferences.go_on, dispatch_uid="objects.conferences")
        recorded.connect(handover.follow_rooms, dispatch_uid="objects.handover")
