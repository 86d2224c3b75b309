from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebexConfig(AppConfig):
    name = "integrations.webex"
    verbose_name = _("Webex")
