"""Readers of environment variables for settings.py, one per type. Unset and empty mean the default."""

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return value in TRUE


def number(name: str, default: int) -> int:
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None


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
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        # link() fails where the file exists: of two processes that start together, both use the first one's secret.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


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
    if url.scheme == "sqlite":
        return _sqlite(url.path[1:])
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with sqlite:// or postgresql://, not {url.scheme}://")
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
    query = dict(parse_qsl(url.query))
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname or "localhost",
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": query.get("tls", "false").lower() in TRUE,
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
    query = dict(parse_qsl(url.query))
    scheme = "https" if query.get("tls", "true").lower() in TRUE else "http"
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


def _url(name: str, default: str) -> SplitResult:
    return urlsplit(text(name, default))


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
