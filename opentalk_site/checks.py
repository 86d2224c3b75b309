"""Settings that contradict each other, found by `manage.py check` and at every start."""

from importlib.util import find_spec
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's names
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

from mailer.branding import InvalidLogoError, read_logo
from rooms.turn import host_of

# coturn takes the credentials again whenever an allocation is refreshed, at the latest after ten minutes (RFC 8656).
SHORTEST_TURN_SECONDS = 600
# LiveKit itself starts with no shorter one (RFC 7518, 3.2: as long as the hash).
SHORTEST_LIVEKIT_SECRET = 32
# What each server of live meetings is not to be used without.
BEHIND = {
    "LIVEKIT_URL": ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"),
    "ETHERPAD_URL": ("ETHERPAD_API_KEY",),
    "SPACEDECK_URL": ("SPACEDECK_API_KEY",),
}
EMBEDDED = "OIDC_ISSUER is not set, so the embedded provider signs people in"


@register
def identity(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [*_directory(), *_issuer(), *_staff(), *_tariffs()]


@register
def shared_folders(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.SHARED_FOLDERS != "nextcloud":
        return []
    found: list[CheckMessage] = []
    missing = [
        name for name in ("NEXTCLOUD_URL", "NEXTCLOUD_USERNAME", "NEXTCLOUD_PASSWORD") if not getattr(settings, name)
    ]
    if missing:
        text = f"SHARED_FOLDERS is nextcloud, and {', '.join(missing)} is not set."
        found.append(Error(text, id="opentalk_site.E011"))
    if settings.NEXTCLOUD_URL.startswith("http://") and settings.IS_HTTPS:
        text = "NEXTCLOUD_URL is http while BASE_URL is https: the account's password could be read on the way."
        found.append(Warning(text, id="opentalk_site.W011"))
    return found


@register
def meeting_servers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for url, names in BEHIND.items():
        missing = [name for name in names if not getattr(settings, name)]
        if getattr(settings, url) and missing:
            found.append(Error(f"{url} is set, and {', '.join(missing)} is not.", id="opentalk_site.E050"))
        if getattr(settings, url).startswith(("http://", "ws://")) and settings.IS_HTTPS:
            text = f"{url} is not encrypted while BASE_URL is https: browsers refuse to use it."
            found.append(Error(text, id="opentalk_site.E051"))
    if settings.LIVEKIT_SERVICE_URL and not settings.LIVEKIT_URL:
        text = "LIVEKIT_SERVICE_URL is set without LIVEKIT_URL: clients would not find LiveKit."
        found.append(Error(text, id="opentalk_site.E052"))
    if 0 < len(settings.LIVEKIT_API_SECRET) < SHORTEST_LIVEKIT_SECRET:
        text = f"LIVEKIT_API_SECRET must have {SHORTEST_LIVEKIT_SECRET} characters or more."
        found.append(Error(text, id="opentalk_site.E053"))
    return found


@register()
def files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    is_s3 = settings.STORAGES["default"]["BACKEND"] == "rooms.s3.S3Storage"
    if is_s3 and not (find_spec("storages") and find_spec("boto3")):
        text = "FILES_URL is s3://…, and its packages are missing: pip install --require-hashes -r requirements-s3.txt"
        found.append(Error(text, id="opentalk_site.E008"))
    return found


@register()
def mails(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.MAIL_LOGO:
        return []
    try:
        read_logo(settings.MAIL_LOGO)
    except InvalidLogoError as error:
        return [Error(f"MAIL_LOGO: {settings.MAIL_LOGO} {error}.", id="opentalk_site.E040")]
    return []


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


def _staff() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if bool(settings.STAFF_OIDC_CLIENT_ID) != bool(settings.STAFF_OIDC_CLIENT_SECRET):
        text = "STAFF_OIDC_CLIENT_ID and STAFF_OIDC_CLIENT_SECRET belong together, and one of them is not set."
        found.append(Error(text, id="opentalk_site.E009"))
    if settings.STAFF_OIDC_CLIENT_ID and settings.OIDC_IS_EMBEDDED:
        text = f"STAFF_OIDC_CLIENT_ID is set, but {EMBEDDED}: staff have their password there."
        found.append(Error(text, id="opentalk_site.E010"))
    return found


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


@register
def mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        get_connection()
    except (ImportError, ImproperlyConfigured, TypeError) as error:
        text = f"EMAIL_BACKEND {settings.EMAIL_BACKEND} cannot be used: {error}"
        return [Error(" ".join(text.split()), id="opentalk_site.E030")]
    return []


@register
def proxy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.USE_X_FORWARDED_HOST and not (settings.TRUSTED_PROXIES or settings.TRUSTS_UNIX_SOCKET):
        text = "BEHIND_PROXY is set, and TRUSTED_PROXIES names none: wrong passwords of one person lock out all."
        return [Warning(text, id="opentalk_site.W012")]
    return []


@register
def media(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name, scheme in (("TURN_URIS", "turn"), ("STUN_URIS", "stun")):
        wrong = [uri for uri in getattr(settings, name) if not (uri.startswith(scheme) and host_of(uri))]
        if wrong:
            text = f"{name} has what is no {scheme}: or {scheme}s: address: {', '.join(wrong)}"
            found.append(Error(text, id="opentalk_site.E020"))
    if settings.TURN_URIS and not settings.TURN_SECRET:
        text = "TURN_URIS is set without TURN_SECRET: anybody could make credentials for these servers."
        found.append(Error(text, id="opentalk_site.E021"))
    if settings.TURN_LIFETIME_SECONDS < SHORTEST_TURN_SECONDS:
        text = f"TURN_LIFETIME_SECONDS must be {SHORTEST_TURN_SECONDS} at least, or calls break off."
        found.append(Error(text, id="opentalk_site.E022"))
    return found


@register
def mail_tasks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    url = settings.MAIL_TASK_BROKER_URL
    if url and not url.startswith(("amqp://", "amqps://")):
        return [Error("MAIL_TASK_BROKER_URL must begin with amqp:// or amqps://.", id="opentalk_site.E025")]
    if settings.MAIL_TASK_QUEUE and not url:
        return [Error("MAIL_TASK_QUEUE is set without MAIL_TASK_BROKER_URL.", id="opentalk_site.E026")]
    return []


@register
def inbound(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.INBOUND_DOMAIN and not settings.INBOUND_AUTHSERV_IDS:
        text = "INBOUND_AUTHSERV_IDS is not set: answers that come by mail are kept, and none counts as the invitee's."
        found.append(Warning(text, id="opentalk_site.W029"))
    if settings.INBOUND_IMAP and not settings.INBOUND_DOMAIN:
        text = "INBOUND_IMAP_URL is set without INBOUND_DOMAIN: nobody reads that mailbox."
        found.append(Warning(text, id="opentalk_site.W030"))
    return found


@register
def esp(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    secret = settings.ANYMAIL.get("WEBHOOK_SECRET", "")
    if settings.ANYMAIL.get("IGNORE_UNSUPPORTED_FEATURES"):
        text = "ANYMAIL_IGNORE_UNSUPPORTED_FEATURES must not be set: mails would go without their calendar objects."
        found.append(Error(text, id="opentalk_site.E027"))
    if secret and not all(secret.partition(":")):
        text = "ANYMAIL_WEBHOOK_SECRET must be name:password, as the ESP sends them: it could tell nothing."
        found.append(Error(text, id="opentalk_site.E028"))
    if settings.EMAIL_BACKEND.startswith("anymail.") and not secret:
        text = "ANYMAIL_WEBHOOK_SECRET is not set: the ESP cannot tell which mails came back."
        found.append(Warning(text, id="opentalk_site.W028"))
    return found


def _is_rsa_key(pem: str) -> bool:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= 2048
