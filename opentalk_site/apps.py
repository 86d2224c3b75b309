from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "opentalk_site"

    def ready(self) -> None:
        from opentalk_site import checks, postgresql  # noqa: F401, PLC0415 - they register, once settings are there
