from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = _("People")

    def ready(self) -> None:
        from staff.site import StaffSite  # noqa: PLC0415 - needs the app registry
        from users.staff_door import may_enter  # noqa: PLC0415

        StaffSite.doors.append(may_enter)
        # Found when they are imported: by drf-spectacular, and by the pages of imports.
        from users import imports, schema, tariff_import  # noqa: F401, PLC0415
