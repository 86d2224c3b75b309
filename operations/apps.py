from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from staff.names import add_names


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operation")

    def ready(self) -> None:
        from operations.jobs import JOBS  # noqa: PLC0415 - models are not there before

        names = {name: job.title for name, job in JOBS.items()}
        add_names("jobrun.job", names)
        add_names("periodictask.name", names)
