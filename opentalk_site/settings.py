"""Every setting, in the order of a reader's questions. Values come through env.py; .env.example lists them."""

from pathlib import Path
from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from django.conf.locale import LANG_INFO
from django.utils.translation import to_language

from opentalk_site import beat, broker, env, logs, openapi, scopes
from opentalk_site.integration_settings import *  # noqa: F403 - a part of its own
from opentalk_site.meeting_servers import *  # noqa: F403 - a part of its own

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# --- Who we are to the outside ---

HOST = env.matching("HOST", "127.0.0.1", r"[\w.-]+|[0-9a-fA-F:.]+", "an address or a name of this machine")
PORT = env.number("PORT", 8000, at_least=1, at_most=65535)
BASE_URL = env.origin("BASE_URL", f"http://{env.bracketed(HOST)}:{PORT}")
SECRET_KEY = env.secret("SECRET_KEY", VAR / "secret_key")
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.listing_matching(
    "ALLOWED_HOSTS",
    f"{env.host_of(BASE_URL)},127.0.0.1,localhost,[::1]",
    r"\*|\.?[\w.-]+|\[[0-9a-fA-F:.]+\]",
    "hosts, without port",
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
IS_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
# Probes ask the process itself, not through the proxy that speaks TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31536000 if IS_HTTPS else 0)
# Both reach beyond this site: other hosts of the domain, and for years the lists that browsers bring along.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD")
if env.flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
# Whose X-Forwarded-For is believed; nobody's, unless they are named.
TRUSTED_PROXIES, TRUSTS_UNIX_SOCKET = env.proxies("TRUSTED_PROXIES")

# --- What it is made of ---

INSTALLED_APPS = [
    "opentalk_site",
    "operations",
    "integrations.cospace",
    "integrations.cronofy",
    "integrations.producers",
    "integrations.streams",
    "integrations.webex",
    "integrations.objects",
    "integrations.deliveries",
    "signaling",
    "events",
    "invites",
    "rooms",
    "oauth2_provider",  # before users, whose admin takes its token pages away
    "users",
    "mailer",
    "imports",
    "site_settings",
    "activity",
    "rest",
    "staff.apps.StaffConfig",  # Django's admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "anymail",
    "corsheaders",
    "django_celery_beat",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    "rest.request_id.RequestIdMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rest.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "users.staff_zone.StaffZoneMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "opentalk_site.urls"
WSGI_APPLICATION = "opentalk_site.wsgi.application"
ASGI_APPLICATION = "opentalk_site.asgi.application"
APPEND_SLASH = False  # the contract's paths have no trailing slash and no redirect; the admin brings its own
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # no collectstatic step: the files are served from the installed packages
WHITENOISE_AUTOREFRESH = DEBUG

# --- Where things are kept ---

DATABASE_POOL_SIZE = env.number("DATABASE_POOL_SIZE", 24, at_least=1)  # as many threads as an ASGI process has
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}", pool_size=DATABASE_POOL_SIZE)}
CACHES = {"default": env.cache("CACHE_URL")}  # several web processes share one only through Redis
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STORAGES: dict[str, dict[str, object]] = {
    "default": env.storage("FILES_URL", (VAR / "files").absolute().as_uri()),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ASSET_MAX_BYTES = env.number("ASSET_MAX_BYTES", 10 * 1024**3, at_least=1)  # whatever the tariff allows

# --- Languages and time ---

USE_TZ = True
FORMAT_MODULE_PATH = "opentalk_site.formats"
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
# English is in the source; each folder in locale/ is one language more.
LANGUAGES = [
    (code, LANG_INFO[code]["name_local"])
    for code in [LANGUAGE_CODE, *sorted(to_language(folder.name) for folder in LOCALE_PATHS[0].iterdir())]
]
DEFAULT_USER_LANGUAGE = env.matching(
    "DEFAULT_USER_LANGUAGE",
    "en-US",
    rf"({'|'.join(code for code, _name in LANGUAGES)})(-\w+)*",
    "a language of ours, as de or en-US",
)

# --- Who people are ---

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["users.provider.backends.UsernameOrEmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "users.provider.passwords.SignsOut"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/admin/"
# From whom the admin wants the code of an app, beside the password.
STAFF_SECOND_FACTOR = env.choice("STAFF_SECOND_FACTOR", "optional", "superusers", "required")
TENANT_ASSIGNMENT = env.choice("TENANT_ASSIGNMENT", "static", "by_external_tenant_id")
TENANT_DEFAULT = env.text("TENANT_DEFAULT", "OpenTalkDefaultTenant")
TARIFF_ASSIGNMENT = env.choice("TARIFF_ASSIGNMENT", "static", "by_external_tariff_id")
TARIFF_DEFAULT = env.text("TARIFF_DEFAULT", "OpenTalkDefaultTariff")
TARIFF_DOWNGRADED = env.text("TARIFF_DOWNGRADED")  # the name of the tariff that replaces one that is no longer paid
# Words of the claim tariff_status, by what they mean here.
TARIFF_STATUS = {
    "default": env.listing("TARIFF_STATUS_DEFAULT"),
    "paid": env.listing("TARIFF_STATUS_PAID"),
    "downgraded": env.listing("TARIFF_STATUS_DOWNGRADED"),
}
DISABLED_FEATURES = env.listing_matching(
    "DISABLED_FEATURES", "", r"\w+(::\w+)?", "words such as core::call_in"
)  # for everybody; a tariff switches off more
DISALLOW_CUSTOM_DISPLAY_NAME = env.flag("DISALLOW_CUSTOM_DISPLAY_NAME")
LIBRAVATAR_URL = (
    env.text("LIBRAVATAR_URL") and env.http_url("LIBRAVATAR_URL") + "/"
)  # "": pictures of our own, so that no foreign host learns who meets whom

# The embedded provider is the issuer until OIDC_ISSUER names another.
OIDC_ISSUER = env.http_url("OIDC_ISSUER", f"{BASE_URL}/oidc")
OIDC_FRONTEND_ISSUER = env.http_url("OIDC_FRONTEND_ISSUER", OIDC_ISSUER)
OIDC_IS_EMBEDDED = f"{BASE_URL}/oidc" == OIDC_ISSUER
OIDC_DISCOVERY_URL = env.http_url("OIDC_DISCOVERY_URL", f"{OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
OIDC_AUDIENCE = env.listing("OIDC_AUDIENCE", "opentalk")  # of access tokens; an ID token has its client's id there
OIDC_FRONTEND_CLIENT_ID = env.text("OIDC_FRONTEND_CLIENT_ID", "Frontend")
OIDC_DOCS_CLIENT_ID = env.text("OIDC_DOCS_CLIENT_ID", "ApiDocs")
# Whose ID tokens we take, and whose access tokens where their `aud` does not name us (as Keycloak's does not).
OIDC_CLIENT_IDS = env.listing("OIDC_CLIENT_IDS", f"{OIDC_FRONTEND_CLIENT_ID},{OIDC_DOCS_CLIENT_ID}")
OIDC_REQUIRE_VERIFIED_EMAIL = env.flag("OIDC_REQUIRE_VERIFIED_EMAIL")
OIDC_LEEWAY_SECONDS = env.number("OIDC_LEEWAY_SECONDS", 10)
OIDC_TIMEOUT_SECONDS = env.number("OIDC_TIMEOUT_SECONDS", 5, at_least=1)
# As whom this site signs staff in at the identity provider of OIDC_ISSUER; "": by password alone.
STAFF_OIDC_CLIENT_ID = env.text("STAFF_OIDC_CLIENT_ID")
STAFF_OIDC_CLIENT_SECRET = env.text("STAFF_OIDC_CLIENT_SECRET")
STAFF_OIDC_NAME = env.text("STAFF_OIDC_NAME", urlsplit(OIDC_ISSUER).hostname or "")
STAFF_OIDC_ACR_VALUES = env.listing("STAFF_OIDC_ACR_VALUES")
OIDC_SIGNING_KEY = env.secret("OIDC_SIGNING_KEY", VAR / "oidc_signing_key.pem", env.rsa_key).replace("\\n", "\n")
# Tokens of an earlier key stay valid: rename its file to oidc_signing_key.old.pem, and the next start makes a new one.
OIDC_SIGNING_KEYS_INACTIVE = env.pem_blocks("OIDC_SIGNING_KEYS_INACTIVE", VAR, "oidc_signing_key.*.pem")

# Who has an account without ever having used the API: asked when somebody is searched or invited.
DIRECTORY = env.choice("DIRECTORY", "embedded" if OIDC_IS_EMBEDDED else "none", "embedded", "keycloak", "none")
USERS_FIND = env.choice("USERS_FIND", "directory", "database", "disabled")
USERS_FIND_LIMIT = 20
KEYCLOAK_URL = env.http_url("KEYCLOAK_URL").rstrip("/")
KEYCLOAK_REALM = env.text("KEYCLOAK_REALM")
KEYCLOAK_CLIENT_ID = env.text("KEYCLOAK_CLIENT_ID")
KEYCLOAK_CLIENT_SECRET = env.text("KEYCLOAK_CLIENT_SECRET")
KEYCLOAK_TENANT_ATTRIBUTE = env.text("KEYCLOAK_TENANT_ATTRIBUTE", "tenant_id")
KEYCLOAK_TIMEOUT_SECONDS = env.number("KEYCLOAK_TIMEOUT_SECONDS", 3, at_least=1)

OAUTH2_PROVIDER_APPLICATION_MODEL = "users.Client"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": f"{BASE_URL}/oidc",
    "OIDC_RSA_PRIVATE_KEY": OIDC_SIGNING_KEY,
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": OIDC_SIGNING_KEYS_INACTIVE,
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
    "OIDC_RP_INITIATED_LOGOUT_DELETE_TOKENS": False,  # would end the sessions of all devices; LogoutView ends this one
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OIDC_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["none", "client_secret_post", "client_secret_basic"],
    "OAUTH2_VALIDATOR_CLASS": "users.provider.validator.Validator",
    "ACCESS_TOKEN_GENERATOR": "users.provider.tokens.access_token",
    "REFRESH_TOKEN_GENERATOR": "users.provider.tokens.refresh_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "ID_TOKEN_EXPIRE_SECONDS": 300,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 90,  # two tabs share one token, and browsers throttle timers to one a minute
    "SCOPES": scopes.SCOPES,
    "DEFAULT_SCOPES": [],
    "ALLOWED_SCHEMES": ["https"] if IS_HTTPS else ["https", "http"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if IS_HTTPS else ["https", "http"],
    "PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": False,  # hashed storage excludes the grace period (Django check E001)
}
# Hashed storage: see above. HSTS for subdomains and preload is asked for by whoever owns the domain.
SILENCED_SYSTEM_CHECKS = ["oauth2_provider.W006", "security.W005", "security.W021"]

# --- The HTTP API ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest.permissions.IsSignedIn"],
    "DEFAULT_PARSER_CLASSES": ["rest.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest.renderers.OrjsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "rest.schema.AutoSchema",
    "DEFAULT_METADATA_CLASS": "rest.metadata.NoMetadata",
    "EXCEPTION_HANDLER": "rest.errors.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
OPENAPI = env.flag("OPENAPI", True)  # whether /v1/openapi.json and /v1/docs describe the API
SPECTACULAR_SETTINGS = openapi.document(base_url=BASE_URL, client_id=OIDC_DOCS_CLIENT_ID)
CORS_ALLOW_ALL_ORIGINS = not env.text("CORS_ALLOWED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.listing_matching("CORS_ALLOWED_ORIGINS", "", r"https?://[^\s/?#@]+", "origins")
CORS_URLS_REGEX = r"^/(v1|api|webex|oidc|\.well-known)/"
CORS_ALLOW_HEADERS = [*default_headers, "x-request-id", "range", "if-range", "if-none-match", "last-event-id"]
CORS_EXPOSE_HEADERS = [
    "Link", "WWW-Authenticate", "X-Request-Id", "Location", "Content-Disposition", "Content-Range", "ETag",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 86400
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# --- Meetings ---

FRONTEND_URL = env.http_url("FRONTEND_URL", BASE_URL).rstrip("/")
SERVES_PAGES = FRONTEND_URL == BASE_URL
ROOM_LINK = env.link("ROOM_LINK", "{frontend}/room/{room_id}", "room_id")
INVITE_LINK = env.link("INVITE_LINK", "{frontend}/invite/{code}", "code")
EVENT_LINK = env.link("EVENT_LINK", "{frontend}/dashboard/meetings/{event_id}", "event_id")
EVENT_INVITE_EXTERNAL = env.flag("EVENT_INVITE_EXTERNAL")
CHAT_DAYS = env.number("CHAT_DAYS", 0)  # 0: the chat of a live meeting goes with the meeting
BOX_OFFLINE_SECONDS = env.number("BOX_OFFLINE_SECONDS", 180, at_least=10)  # without a heartbeat
SENSOR_DATA_DAYS = env.number("SENSOR_DATA_DAYS", 30, at_least=1)
CALL_IN_TEL = env.matching("CALL_IN_TEL", "", r"\+?[0-9 ()/.-]{3,30}", "a phone number")

# --- Mail ---

EMAIL_FILE_PATH = VAR / "mails"
vars().update(env.email("EMAIL_URL", f"file://{EMAIL_FILE_PATH}"))
# An ESP: EMAIL_BACKEND=anymail.backends.….EmailBackend, its keys in ANYMAIL_<NAME> (anymail's own setting names).
EMAIL_BACKEND = env.text("EMAIL_BACKEND", vars()["EMAIL_BACKEND"])
ANYMAIL = env.prefixed("ANYMAIL_")
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT_SECONDS", 20, at_least=1)
# Stands at the head of each mail.
MAIL_PRODUCT_NAME = env.text("MAIL_PRODUCT_NAME", "OpenTalk")
MAIL_LOGO = env.text("MAIL_LOGO")
DEFAULT_FROM_EMAIL = env.address("DEFAULT_FROM_EMAIL", f"{MAIL_PRODUCT_NAME} <no-reply@{urlsplit(BASE_URL).hostname}>")
# Whether the sender's name tells on whose behalf: "Alice Adams via OpenTalk". The address stays the one above.
MAIL_NAMES_AUTHOR = env.flag("MAIL_NAMES_AUTHOR", True)
# How long a worker may need for one mail; after that it is taken for dead and another sends it.
MAIL_CLAIM_SECONDS = env.number("MAIL_CLAIM_SECONDS", 120, at_least=1)
# How often the sweep looks for mails that nobody woke the worker for, or that wait for another try.
MAIL_SWEEP_SECONDS = env.number("MAIL_SWEEP_SECONDS", 30, at_least=1)
# How many mails a tenant may send on a day (UTC), the others wait for the next one; 0: any number.
MAIL_TENANT_DAILY_QUOTA = env.number("MAIL_TENANT_DAILY_QUOTA", 0)
# How many mails go over one SMTP connection; 0: any number.
MAIL_SMTP_REUSE = env.number("MAIL_SMTP_REUSE", 100)
# How long what was sent can be looked at, and how long the secrets in it are kept.
MAIL_BODY_DAYS = env.number("MAIL_BODY_DAYS", 30, at_least=1)
# What the calendar object of a mail about one occurrence holds: a tenant can say otherwise.
MAIL_OCCURRENCES = env.choice("MAIL_OCCURRENCES", "alone", "whole")
MAIL_DATA_PROTECTION_URL = env.http_url("MAIL_DATA_PROTECTION_URL")
MAIL_IMPRINT_URL = env.http_url("MAIL_IMPRINT_URL")
MAIL_SUPPORT_ADDRESS = env.address("MAIL_SUPPORT_ADDRESS", "")

# --- Callbacks: signed requests to addresses that users gave ---

# Signing keys and second factors are encrypted with the first of these texts and read with all of them.
ENCRYPTION_KEYS = env.listing_matching("ENCRYPTION_KEYS", "", r"\S{32,}", "texts of 32 characters or more") or [
    SECRET_KEY
]
CALLBACK_ALLOW_HTTP = env.flag("CALLBACK_ALLOW_HTTP", DEBUG)
CALLBACK_ALLOWED_PORTS = env.numbers("CALLBACK_ALLOWED_PORTS", "443,8443", at_least=1, at_most=65535)
# Not public, and reached all the same.
CALLBACK_ALLOWED_NETWORKS = env.networks("CALLBACK_ALLOWED_NETWORKS")
# Requests under way at once, of one run: those that wait for a slow receiver must leave some for the others.
CALLBACK_THREADS = env.number("CALLBACK_THREADS", 64, at_least=2, at_most=1000)
# How often the sweep looks for callbacks that nobody woke the worker for, or that wait for another try.
CALLBACK_SWEEP_SECONDS = env.number("CALLBACK_SWEEP_SECONDS", 10, at_least=1)
# How long a delivery can be looked at and redelivered after its end.
CALLBACK_BODY_DAYS = env.number("CALLBACK_BODY_DAYS", 30, at_least=1)

# --- Answers by mail ---

# Mail to this domain reaches us: a new meeting's ORGANIZER is an address in it, so that calendars send answers there.
INBOUND_DOMAIN = env.domain("INBOUND_DOMAIN")
# Whose Authentication-Results prove a sender (RFC 8601); without one no answer counts as the invitee's.
INBOUND_AUTHSERV_IDS = env.listing_matching("INBOUND_AUTHSERV_IDS", "", r"[\w.-]+", "names of mail servers")
# Whose people may answer for each other by SENT-BY: of these domains no stranger can have an address.
INBOUND_SENT_BY_DOMAINS = env.listing_matching("INBOUND_SENT_BY_DOMAINS", "", r"[a-z\d.-]+\.[a-z\d-]+", "domains")
INBOUND_IMAP = env.mailbox("INBOUND_IMAP_URL")  # where such mails arrive, if no mail server hands them over
INBOUND_MAIL_DAYS = env.number("INBOUND_MAIL_DAYS", 30, at_least=1)

# --- Work in the background ---

CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "filesystem://localhost")
# The Mail-Worker Protocol: the queue that mails are put into as tasks, instead of being rendered here, and the RabbitMQ
# of both directions.
MAIL_TASK_QUEUE = env.text("MAIL_TASK_QUEUE")
MAIL_TASK_BROKER_URL = env.text(
    "MAIL_TASK_BROKER_URL", CELERY_BROKER_URL if CELERY_BROKER_URL.startswith(("amqp://", "amqps://")) else ""
)
# Who queues a mail does not wait for a broker that is down. A worker tries on for ever.
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(CELERY_BROKER_URL, folder=VAR / "broker")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = env.matching("CELERY_QUEUE", "opentalk_site", r"[\w.-]{1,100}", "letters, digits and dots")
CELERY_TASK_IGNORE_RESULT = True  # the database row is the truth; a result backend would be a second one
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "operations.scheduler:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = beat.schedule(
    convert_uploads=30,
    deliver_callbacks=CALLBACK_SWEEP_SECONDS,
    deliver_mail=MAIL_SWEEP_SECONDS,
    end_registrations=30,
    expire_members=30,
    keep_presentations=30,
    notice_missed_heartbeats=30,
    read_mailbox=60,
    run_imports=30,
    send_digests=60,
    send_reminders=60,
    sync_shared_folders=60,
)
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- Logs ---

LOGGING = logs.configuration(
    level=env.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"),
    form=env.choice("LOG_FORMAT", "line", "json"),
    tells_requests=env.flag("LOG_REQUESTS", True),
)

# --- Who may ask how the site is ---

# Networks whose programs get /metrics; by default nobody does.
METRICS_ALLOWED = env.networks("METRICS_ALLOWED")
