"""Readers of environment variables for settings.py, one per type. Unset and empty mean the default."""

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from operations import folders

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name)
    return _is_true(name, value) if value else default


def number(name: str, default: int, *, at_least: int = 0, at_most: int = 2**53) -> int:
    value = text(name)
    if not value:
        return default
    if not re.fullmatch(r"-?[0-9]{1,18}", value) or not at_least <= int(value) <= at_most:
        limits = f"from {at_least} to {at_most}" if at_most < 2**53 else f"of at least {at_least}"
        raise ImproperlyConfigured(f"{name} must be a whole number {limits}, not {value!r}")
    return int(value)


def listing(name: str, default: str = "") -> list[str]:
    """Comma separated words."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def proxies(name: str) -> tuple[list[IPv4Network | IPv6Network], bool]:
    """Addresses and networks (10.0.0.0/8), and whether the word `unix` is among them."""
    words = listing(name)
    try:
        return [ip_network(word) for word in words if word != "unix"], "unix" in words
    except ValueError:
        text = f"{name} must be addresses and networks such as 127.0.0.1, 10.0.0.0/8, or the word unix"
        raise ImproperlyConfigured(f"{text}, not {', '.join(words)!r}") from None


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Comma separated, as 10.0.0.0/8; a single address is a network of one."""
    try:
        return [ip_network(word) for word in listing(name)]
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be networks such as 10.0.0.0/8, not {text(name)!r}") from None


def numbers(name: str, default: str, *, at_least: int, at_most: int) -> list[int]:
    """Comma separated whole numbers."""
    words = listing(name, default)
    if not all(re.fullmatch("[0-9]{1,18}", word) and at_least <= int(word) <= at_most for word in words):
        wanted = f"whole numbers from {at_least} to {at_most}"
        raise ImproperlyConfigured(f"{name} must be {wanted}, not {text(name)!r}")
    return [int(word) for word in words]


def matching(name: str, default: str, pattern: str, what: str) -> str:
    """Text of a form; `what` says which."""
    return _each_matching(name, [text(name, default)], pattern, what)[0]


def listing_matching(name: str, default: str, pattern: str, what: str) -> list[str]:
    return _each_matching(name, listing(name, default), pattern, what)


def _each_matching(name: str, values: list[str], pattern: str, what: str) -> list[str]:
    for value in values:
        if value and not re.fullmatch(pattern, value):
            raise ImproperlyConfigured(f"{name} must be {what}, not {value!r}")
    return values


def http_url(name: str, default: str = "") -> str:
    _url(name, default)
    return matching(name, default, r"https?://[^\s/?#@]+(/[^\s?#]*)?", "an address such as https://example.org/path")


def origin(name: str, default: str) -> str:
    """Scheme, host and port."""
    value = http_url(name, default).rstrip("/")
    if value.count("/") > 2:
        raise ImproperlyConfigured(f"{name} must be an origin such as https://meet.example.org, not {value!r}")
    return value


def bracketed(host: str) -> str:
    """As it stands in an address."""
    return f"[{host}]" if ":" in host else host


def host_of(address: str) -> str:
    return bracketed(urlsplit(address).hostname or "")


def link(name: str, default: str, placeholder: str) -> str:
    """An address with `{placeholder}` in it, which may begin with `{frontend}`."""
    value = text(name, default)
    try:
        shown = value.format(**{"frontend": "https://x", placeholder: "y"})
    except (LookupError, ValueError, AttributeError):
        shown = ""
    if not re.match(r"https?://", shown) or f"{{{placeholder}}}" not in value:
        wanted = f"an address with {{{placeholder}}} in it, and no other placeholder than {{frontend}}"
        raise ImproperlyConfigured(f"{name} must be {wanted}, not {value!r}")
    return value


def address(name: str, default: str) -> str:
    """One e-mail address, with or without a name."""
    value = text(name)
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        raise ImproperlyConfigured(f"{name} must be an e-mail address, not {value!r}")
    return value or default


def choice(name: str, default: str, *others: str) -> str:
    """One of the words that the code knows."""
    value, known = text(name, default), list(dict.fromkeys([default, *others]))
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(known)}, not {value!r}")
    return value


def secret(name: str, path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """The variable, else the content of `path`, which the first process that needs it creates (mode 0600)."""
    if value := text(name):
        return value
    try:
        if not path.exists():
            _keep(path, make())
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR: {folders.reason(path, error)}") from None


def _keep(path: Path, value: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(value)
    # link() fails where the file exists: of two processes that start together, both use the first one's secret.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def pem_blocks(name: str, folder: Path, pattern: str) -> list[str]:
    """Several keys, one after the other in the variable, else in the files of `folder` that the pattern names."""
    value = text(name).replace("\\n", "\n") or "\n".join(path.read_text() for path in sorted(folder.glob(pattern)))
    end = re.compile(r"(?<=-----END PRIVATE KEY-----)|(?<=-----END RSA PRIVATE KEY-----)")
    return [block.strip() for block in end.split(value) if block.strip()]


def database(name: str, default: str, *, pool_size: int) -> dict[str, object]:
    """`sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://user:password@host:port/name?option=value`.

    `pool_size` is the most connections to PostgreSQL that one process opens.
    """
    url = _url(name, default)
    if url.scheme == "sqlite" and url.path[1:] and not url.netloc:
        return _sqlite(url.path[1:])
    if url.scheme == "sqlite":
        raise ImproperlyConfigured(f"{name} must name a file: sqlite:////folder/file")
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with sqlite:// or postgresql://, not {url.scheme}://")
    if not url.path[1:]:
        raise ImproperlyConfigured(f"{name} must name a database: postgresql://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_HEALTH_CHECKS": True,
        # A request gives its connection back. Kept by threads, connections stay behind where threads end.
        "OPTIONS": dict(parse_qsl(url.query)) | {"pool": {"min_size": 0, "max_size": pool_size, "timeout": 20}},
    }


def _sqlite(path: str) -> dict[str, object]:
    return {
        "ENGINE": "opentalk_site.sqlite",
        "NAME": path,
        # Opening it and, as the last one, closing it took most of a request's time.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Without IMMEDIATE a transaction that reads and then writes fails at once instead of waiting its turn.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY",
        },
    }


def email(name: str, default: str) -> dict[str, object]:
    """EMAIL_* settings from `file:///folder`, `smtps://…` or `smtp://user:password@host:port?tls=true` (STARTTLS)."""
    url = _url(name, default)
    if url.scheme == "file":
        return {"EMAIL_BACKEND": "mailer.backends.EmlBackend", "EMAIL_FILE_PATH": Path(unquote(url.path))}
    if url.scheme not in {"smtp", "smtps"}:
        raise ImproperlyConfigured(f"{name} must begin with file://, smtp:// or smtps://, not {url.scheme}://")
    if not url.hostname:
        raise ImproperlyConfigured(f"{name} must name a host: {url.scheme}://user:password@host:port")
    query = _options(name, url, "tls")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": _is_true(f"tls in {name}", query.get("tls", "false")),
    }


def domain(name: str) -> str:
    return matching(
        name,
        "",
        r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}",
        "a domain in small letters, such as in.example.org",
    )


def mailbox(name: str) -> dict[str, Any]:
    """`imaps://user:password@host:port/folder?done=folder`, or `imap://…?tls=true` (STARTTLS); {} if it is not set."""
    url = _url(name, "")
    if not url.geturl():
        return {}
    if url.scheme not in {"imap", "imaps"}:
        raise ImproperlyConfigured(f"{name} must begin with imaps:// or imap://, not {url.scheme}://")
    if not (url.hostname and url.username):
        raise ImproperlyConfigured(f"{name} must name a user and a host: {url.scheme}://user:password@host:port/folder")
    query = _options(name, url, "done", "tls")
    folder, done = unquote(url.path.strip("/")) or "INBOX", query.get("done", "") or "Processed"
    if folder == done or not all(re.fullmatch("[ -~]{1,200}", text) for text in (folder, done)):
        raise ImproperlyConfigured(
            f"{name} must name two folders, in plain ASCII: {url.scheme}://…/INBOX?done=Processed"
        )
    is_upgraded = _is_true(f"tls in {name}", query.get("tls", "false"))
    return {
        "host": url.hostname,
        "port": url.port or (993 if url.scheme == "imaps" else 143),
        "user": unquote(url.username),
        "password": unquote(url.password or ""),
        "security": "tls" if url.scheme == "imaps" else "starttls" if is_upgraded else "none",
        "folder": folder,
        "done": done,
    }


def storage(name: str, default: str) -> dict[str, object]:
    """`file:///folder`, or `s3://key:secret@host:port/bucket?region=…&tls=true`; no host is Amazon's."""
    url = _url(name, default)
    if url.scheme == "file":
        modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "rooms.storage.DiskStorage", "OPTIONS": {"location": unquote(url.path)} | modes}
    if url.scheme != "s3":
        raise ImproperlyConfigured(f"{name} must begin with file:// or s3://, not {url.scheme}://")
    bucket = unquote(url.path.strip("/"))
    if not bucket or "/" in bucket:
        raise ImproperlyConfigured(f"{name} must name one bucket: s3://key:secret@host:port/bucket")
    query = _options(name, url, "tls", "region")
    scheme = "https" if _is_true(f"tls in {name}", query.get("tls", "true")) else "http"
    return {
        "BACKEND": "rooms.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": f"{scheme}://{url.netloc.rpartition('@')[2]}" if url.hostname else None,
            "region_name": query.get("region"),
        }
        # Without them boto3 asks the environment and the machine's own role.
        | ({"access_key": unquote(url.username), "secret_key": unquote(url.password or "")} if url.username else {}),
    }


def broker(name: str, default: str) -> str:
    url = _url(name, default)
    known = {"amqp", "amqps", "redis", "rediss"}
    if url.geturl() != default and (url.scheme not in known | {"memory"} or (url.scheme in known and not url.hostname)):
        raise ImproperlyConfigured(f"{name} must begin with amqp:// or redis:// and name a host, not {_shown(url)!r}")
    return text(name, default)


def cache(name: str) -> dict[str, object]:
    """A Redis, else the memory of each process."""
    url = _url(name, "")
    if url.geturl() and (url.scheme not in {"redis", "rediss"} or not url.hostname):
        raise ImproperlyConfigured(f"{name} must be redis://host:port/number, not {_shown(url)!r}")
    if address := text(name):
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}


def _options(name: str, url: SplitResult, *known: str) -> dict[str, str]:
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    if unknown := set(options) - {*known}:
        raise ImproperlyConfigured(f"{name} has an option that means nothing: {', '.join(sorted(unknown))}")
    return options


def _is_true(name: str, value: str) -> bool:
    if value.lower() not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return value.lower() in TRUE


def _shown(url: SplitResult) -> str:
    """Without a password."""
    return url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()


def _url(name: str, default: str) -> SplitResult:
    try:
        url = urlsplit(text(name, default))
        _number_or_error = url.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address: {error}") from None
    return url


def prefixed(prefix: str) -> dict[str, str]:
    """All variables that begin with `prefix`, without it."""
    return {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix)}


def rsa_key() -> str:
    """A new 2048-bit RSA private key as PEM text."""
    # Only the first start pays for this import.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()
