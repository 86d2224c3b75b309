from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "opentalk_site"
