"""In which language somebody is written to."""

from django.conf import settings
from django.utils.translation import get_supported_language_variant

from site_settings.values import present


def known_language(*wanted: str) -> str:
    """The first, with its region, in which there are texts, `de-AT`; else that of the installation."""
    for language in (*wanted, str(present("DEFAULT_USER_LANGUAGE"))):
        tag = language.replace("_", "-")
        try:
            get_supported_language_variant(tag)
        except LookupError:
            continue
        return tag
    return str(settings.LANGUAGE_CODE)
