"""Pictures of people: the issuer's, libravatar's, or our own, drawn here from the name, so that no other host is
asked.

The address of a picture has no query string: the frontend appends its own, which our pictures ignore.
"""

import hashlib
import unicodedata
import uuid
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.html import escape

from users.models import User

# Hues at which white letters keep a contrast of 4.5 to 1 with this saturation and lightness.
BACKGROUND = "hsl({hue},45%,32%)"
SILHOUETTE = '<circle cx="32" cy="25" r="11" fill="#fff"/><path d="M10 60a22 20 0 0 1 44 0z" fill="#fff"/>'
LETTERS = (
    '<text x="32" y="33" fill="#fff" font-family="sans-serif" font-size="26" text-anchor="middle"'
    ' dominant-baseline="central">{letters}</text>'
)


def avatar_url(email: str, picture: str = "", user_id: uuid.UUID | None = None) -> str:
    """The picture of a user, or of somebody of whom only the address is known."""
    if picture:
        return picture
    if settings.LIBRAVATAR_URL:
        # libravatar names pictures by MD5; nothing is protected by it.
        digest = hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()
        return f"{settings.LIBRAVATAR_URL.rstrip('/')}/{digest}"
    if user_id is not None:
        return f"{settings.BASE_URL}/v1/users/{user_id}/avatar"
    return f"{settings.BASE_URL}/v1/avatars/{email_key(email)}"


@lru_cache(maxsize=10_000)
def email_key(email: str) -> str:
    """Stands for an address in a picture's name. Keyed: nobody who reads it in a log can try addresses against it."""
    return salted_hmac("users.avatars", email.strip().lower(), algorithm="sha256").hexdigest()[:32]


def drawing(key: str, letters: str = "") -> str:
    """An SVG picture: the letters, or a silhouette, on a colour that `key` decides."""
    hue = int.from_bytes(hashlib.sha256(key.encode()).digest()[:2], "big") % 360
    figure = LETTERS.format(letters=escape(letters)) if letters else SILHOUETTE
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="512" height="512">'
        f'<rect width="64" height="64" fill="{BACKGROUND.format(hue=hue)}"/>{figure}</svg>'
    )


def user_drawing(user_id: uuid.UUID) -> str:
    """The user's initials. For an id that nobody has it looks like that of somebody without name."""
    user: User | None = User.objects.registered().filter(pk=user_id).first()
    return drawing(str(user_id), initials(user.display_name) if user else "")


def initials(name: str) -> str:
    """The first letters of the first and the last word that begin with one."""
    words = [word for word in name.split() if unicodedata.category(word[0])[0] in "LN"]
    chosen = words[:1] + words[1:][-1:]
    return "".join(unicodedata.normalize("NFC", word)[0].upper()[0] for word in chosen)
