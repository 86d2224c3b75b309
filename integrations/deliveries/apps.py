from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from integrations.deliveries.names import NAMES
from staff.names import add_names


class DeliveriesConfig(AppConfig):
    name = "integrations.deliveries"
    verbose_name = _("Callbacks")

    def ready(self) -> None:
        add_names("delivery.kind", NAMES)
