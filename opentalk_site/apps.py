from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "opentalk_site"

    def ready(self) -> None:
        from opentalk_site import checks  # noqa: F401, PLC0415 - registered by being imported, once settings are there
