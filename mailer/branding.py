"""Whose mail it is: the name and the picture at its head."""

import struct
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

_PNG = b"\x89PNG\r\n\x1a\n"
_SHOWN_HEIGHT = 32
_LARGEST = 100 * 1024  # of a file that goes with every mail
_WIDEST = 240


class InvalidLogoError(ValueError):
    """The picture cannot stand in a mail; the text says why."""


@dataclass(frozen=True)
class Logo:
    """A PNG, and how large it is shown, in pixels: Outlook asks for both numbers."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Brand:
    name: str
    logo: Logo | None = None
    cid: str = "logo"
    support_address: str = ""
    data_protection_url: str = ""


def brand_of(tenant_id: uuid.UUID | None) -> Brand:
    """The tenant's, or the site's; until tenants have one of their own, the site's."""
    path = settings.MAIL_LOGO
    return Brand(
        settings.MAIL_PRODUCT_NAME,
        read_logo(path) if path else None,
        support_address=settings.MAIL_SUPPORT_ADDRESS,
        data_protection_url=settings.MAIL_DATA_PROTECTION_URL,
    )


@lru_cache(maxsize=8)
def read_logo(path: str) -> Logo:
    """Raises InvalidLogoError."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InvalidLogoError(f"cannot be read: {error.strerror}") from error
    if not data.startswith(_PNG) or data[12:16] != b"IHDR" or len(data) < 24:
        raise InvalidLogoError("is not a PNG")
    if len(data) > _LARGEST:
        raise InvalidLogoError(f"has more than {_LARGEST} bytes, and goes with every mail")
    width, height = struct.unpack(">II", data[16:24])
    if not (width and height):
        raise InvalidLogoError("has no size")
    scale = min(_SHOWN_HEIGHT / height, _WIDEST / width)
    return Logo(data, max(1, round(width * scale)), max(1, round(height * scale)))
