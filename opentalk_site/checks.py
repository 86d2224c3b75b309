"""Settings that contradict each other, found by `manage.py check` and at every start."""

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's names

EMBEDDED = "OIDC_ISSUER is not set, so the embedded provider signs people in"


@register
def identity(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [*_directory(), *_issuer(), *_tariffs()]


def _directory() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DIRECTORY == "keycloak":
        names = ("KEYCLOAK_URL", "KEYCLOAK_REALM", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET")
        missing = [name for name in names if not getattr(settings, name)]
        if missing:
            text = f"DIRECTORY is keycloak, and {', '.join(missing)} is not set."
            found.append(Error(text, id="opentalk_site.E001"))
    if settings.DIRECTORY == "embedded" and not settings.OIDC_IS_EMBEDDED:
        text = "DIRECTORY is embedded, and accounts of the embedded provider cannot sign in with another OIDC_ISSUER."
        found.append(Warning(text, id="opentalk_site.W001"))
    return found


def _issuer() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    is_plain = settings.OIDC_ISSUER.startswith("http://") and settings.IS_HTTPS
    if is_plain:
        text = "OIDC_ISSUER is http while BASE_URL is https: its keys could be replaced on the way."
        found.append(Warning(text, id="opentalk_site.W002"))
    if not (settings.OIDC_AUDIENCE and settings.OIDC_CLIENT_IDS):
        text = "OIDC_AUDIENCE and OIDC_CLIENT_IDS must each name something: nobody could sign in."
        found.append(Error(text, id="opentalk_site.E002"))
    if settings.OIDC_FRONTEND_CLIENT_ID not in settings.OIDC_CLIENT_IDS:
        text = "OIDC_CLIENT_IDS lacks OIDC_FRONTEND_CLIENT_ID: nobody could sign in with the web frontend."
        found.append(Error(text, id="opentalk_site.E003"))
    if set(settings.OIDC_AUDIENCE) & set(settings.OIDC_CLIENT_IDS):
        text = "OIDC_AUDIENCE names a client of OIDC_CLIENT_IDS: its ID tokens could pass as access tokens."
        found.append(Warning(text, id="opentalk_site.W003"))
    return found + _signing_keys()


def _signing_keys() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    names = {"OIDC_SIGNING_KEY": [settings.OIDC_SIGNING_KEY]}
    names["OIDC_SIGNING_KEYS_INACTIVE"] = settings.OIDC_SIGNING_KEYS_INACTIVE
    for name, pems in names.items():
        if not all(_is_rsa_key(pem) for pem in pems):
            text = f"{name} must be an RSA private key of at least 2048 bits as PEM text."
            found.append(Error(text, id="opentalk_site.E004"))
    return found


def _tariffs() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    is_claimed = settings.TARIFF_ASSIGNMENT == "by_external_tariff_id" or any(settings.TARIFF_STATUS.values())
    if is_claimed and settings.OIDC_IS_EMBEDDED:
        text = f"Tariffs are to come from claims, but {EMBEDDED} and has no such claims."
        found.append(Error(text, id="opentalk_site.E005"))
    if settings.TARIFF_STATUS["downgraded"] and not settings.TARIFF_DOWNGRADED:
        text = "TARIFF_STATUS_DOWNGRADED is set, and TARIFF_DOWNGRADED names no tariff for these people."
        found.append(Error(text, id="opentalk_site.E006"))
    words = [word for words in settings.TARIFF_STATUS.values() for word in words]
    if len(words) != len(set(words)):
        text = "TARIFF_STATUS_DEFAULT, TARIFF_STATUS_PAID and TARIFF_STATUS_DOWNGRADED share a word."
        found.append(Error(text, id="opentalk_site.E007"))
    return found


def _is_rsa_key(pem: str) -> bool:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= 2048
