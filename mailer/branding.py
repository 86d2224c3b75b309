"""Whose mail it is: the name and the picture at its head, its colour, and where questions go."""

import logging
import re
import struct
import uuid
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mailer.colours import READABLE, contrast, lightened, turned
from mailer.mime import mailbox
from mailer.models import MailBranding
from site_settings.values import present

logger = logging.getLogger(__name__)

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_SHOWN_HEIGHT = 32
LARGEST = 100 * 1024  # of a file that goes with every mail
_WIDEST = 240
_MOST_PIXELS = 2000  # either way
_ACCENT, _ACCENT_IN_THE_DARK = "#0b5c8a", "#7cc4f2"
_CARD, _CARD_IN_THE_DARK = "#ffffff", "#1d252d"  # what links stand on: templates/mail/_base.html


class InvalidLogoError(ValueError):
    """The picture cannot stand in a mail; the text says why."""


class InvalidColourError(ValueError):
    """No colour, or one that cannot be read; the text says why."""


@dataclass(frozen=True)
class Logo:
    """A PNG, and how large it is shown, in pixels: Outlook asks for both numbers."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Brand:
    """`from_email` is the sender where no author is named."""

    name: str
    logo: Logo | None = None
    cid: str = "logo"
    from_email: str = ""
    accent: str = _ACCENT
    accent_in_the_dark: str = _ACCENT_IN_THE_DARK
    support_address: str = ""
    imprint_url: str = ""
    data_protection_url: str = ""


def brand_of(tenant_id: uuid.UUID | None) -> Brand:
    """The tenant's, and the site's in what the tenant leaves open."""
    own = MailBranding.objects.filter(pk=tenant_id).first() if tenant_id else None
    own = own or MailBranding()
    colours = (own.accent, lightened(own.accent, _CARD_IN_THE_DARK)) if own.accent else (_ACCENT, _ACCENT_IN_THE_DARK)
    sender = settings.DEFAULT_FROM_EMAIL
    return Brand(
        own.product_name or settings.MAIL_PRODUCT_NAME,
        _logo(own),
        "logo",
        mailbox(own.product_name, parseaddr(sender)[1]) if own.product_name else sender,
        *colours,
        own.support_address or present("MAIL_SUPPORT_ADDRESS"),
        own.imprint_url or present("MAIL_IMPRINT_URL"),
        own.data_protection_url or present("MAIL_DATA_PROTECTION_URL"),
    )


def _logo(own: MailBranding) -> Logo | None:
    try:
        if own.logo:
            return logo_of(bytes(own.logo))
    except InvalidLogoError as error:
        # Checked when it was stored; a mail without it is better than none.
        logger.error("logo of tenant %s cannot be used: %s", own.pk, error)
    return read_logo(settings.MAIL_LOGO) if settings.MAIL_LOGO else None


@lru_cache(maxsize=8)
def read_logo(path: str) -> Logo:
    """Raises InvalidLogoError."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InvalidLogoError(f"cannot be read: {error.strerror}") from error
    return logo_of(data)


def logo_of(data: bytes) -> Logo:
    """Raises InvalidLogoError."""
    if not data.startswith(_PNG) or data[12:16] != b"IHDR":
        raise InvalidLogoError(_("is not a PNG"))
    if len(data) > LARGEST:
        raise InvalidLogoError(_("has more than %(most)d bytes, and goes with every mail") % {"most": LARGEST})
    if not data.endswith(_PNG_END):
        raise InvalidLogoError(_("is not a whole PNG"))
    width, height = struct.unpack(">II", data[16:24])
    if not (width and height):
        raise InvalidLogoError(_("has no size"))
    if max(width, height) > _MOST_PIXELS:
        raise InvalidLogoError(_("is wider or higher than %(most)d pixels") % {"most": _MOST_PIXELS})
    scale = min(_SHOWN_HEIGHT / height, _WIDEST / width)
    return Logo(data, max(1, round(width * scale)), max(1, round(height * scale)))


def check_accent(colour: str) -> None:
    """Links in it stand on white, white words on it, and both where mail programs turn light and dark round.

    Raises InvalidColourError.
    """
    if not re.fullmatch("#[0-9a-f]{6}", colour):
        raise InvalidColourError(_("A colour is # and six digits of 0-9 and a-f."))
    for front, back, where in (
        (colour, _CARD, _("on white")),
        (turned(colour), turned(_CARD), _("where dark mode is forced")),
    ):
        found = contrast(front, back)
        if found < READABLE:
            text = _("Cannot be read %(where)s: the contrast is %(found)s, and has to be %(least)s.")
            raise InvalidColourError(text % {"where": where, "found": f"{found:.1f}", "least": READABLE})
