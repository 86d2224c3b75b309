from django.contrib.admin.apps import AdminConfig


class StaffConfig(AdminConfig):
    """Django's admin with our site; stands in INSTALLED_APPS."""

    default_site = "staff.site.StaffSite"
