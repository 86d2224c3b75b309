"""What sensors measured and did long ago."""

from django.utils.translation import gettext_lazy as _

from integrations.objects.services import sensors
from operations.job import PruneJob


class PruneSensorData(PruneJob):
    name = "prune-sensor-data"
    title = _("Remove old data of sensors")
    prunable = staticmethod(sensors.prunable)
    prune = staticmethod(sensors.prune)
