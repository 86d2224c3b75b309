"""Pieces of HTML that several apps' admin pages are made of."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString


def text_block(text: str, *, label: Any) -> SafeString:
    """Text as it is, lines and all. It can be scrolled, so that it takes the focus and has a name."""
    return format_html('<pre tabindex="0" role="group" aria-label="{}">{}</pre>', label, text)


def short_time(time: datetime | None) -> str | None:
    """For lists with many columns. Django's own lists write months as words."""
    return date_format(timezone.localtime(time), "SHORT_DATETIME_FORMAT") if time else None
