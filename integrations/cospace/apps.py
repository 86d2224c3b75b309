from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CospaceConfig(AppConfig):
    name = "integrations.cospace"
    verbose_name = _("cospace")
