"""Compiles the message catalogues with Babel, so that no machine needs gettext to run the site."""

import os
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_messages(folders: Iterable[Path]) -> list[Path]:
    """Writes django.mo beside each django.po that is newer; returns the catalogues written."""
    sources = [source for folder in folders for source in sorted(folder.glob("*/LC_MESSAGES/django.po"))]
    outdated = [source for source in sources if _is_outdated(source)]
    for source in outdated:
        _compile(source)
    return outdated


def _is_outdated(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path) -> None:
    """Through a draft: another process may be reading the catalogue, or writing the same one."""
    draft = source.with_name(f"django.mo.{os.getpid()}")
    with source.open("rb") as texts:
        catalogue = read_po(texts, locale=source.parent.parent.name)
    with draft.open("wb") as compiled:
        write_mo(compiled, catalogue)
    draft.replace(source.with_suffix(".mo"))
