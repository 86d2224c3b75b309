from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    name = "activity"
    verbose_name = _("Activity")

    def ready(self) -> None:
        from activity.history.admin import HistoryAdmin  # noqa: PLC0415 - models are not there before
        from staff.site import StaffSite  # noqa: PLC0415

        StaffSite.shared.append(HistoryAdmin)
