"""People on the wire (contract 2.1, 2.2). Classes describe shapes; `…_profile` functions write the rows."""

import hashlib
from typing import Any

from django.conf import settings
from rest_framework import serializers

from rest import fields
from users.models import User


def avatar_url(email: str, picture: str = "") -> str:
    """An address without query string: the frontend appends its own."""
    if picture:
        return picture
    # libravatar names pictures by MD5; nothing is protected by it.
    digest = hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()
    return f"{settings.LIBRAVATAR_URL}{digest}"


def public_profile(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "email": user.email,
        "title": user.title,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "display_name": user.display_name,
        "avatar_url": avatar_url(user.email, user.avatar_url),
    }


def private_profile(user: User, *, used_storage: int) -> dict[str, Any]:
    return public_profile(user) | {
        "dashboard_theme": user.dashboard_theme,
        "conference_theme": user.conference_theme,
        "language": user.language,
        "time_zone": user.time_zone or None,
        "tariff_status": user.tariff_status,
        "used_storage": used_storage,
    }


def found_profile(user: User) -> dict[str, Any]:
    """A hit of the search: with `kind` registered, or unregistered and then without id."""
    if user.is_registered:
        return {"kind": "registered"} | public_profile(user)
    return {
        "kind": "unregistered",
        "email": user.email,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "avatar_url": avatar_url(user.email),
    }


class PublicUserProfile(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.CharField()
    title = serializers.CharField()
    firstname = serializers.CharField()
    lastname = serializers.CharField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField()


class PrivateUserProfile(PublicUserProfile):
    dashboard_theme = serializers.CharField()
    conference_theme = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField(allow_null=True)
    tariff_status = serializers.ChoiceField(User.TariffStatus.choices)
    used_storage = serializers.IntegerField(help_text="Bytes of all files in the user's rooms")


class FoundUser(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["registered", "unregistered"])
    id = serializers.UUIDField(required=False)
    email = serializers.CharField()
    title = serializers.CharField(required=False)
    firstname = serializers.CharField()
    lastname = serializers.CharField()
    display_name = serializers.CharField(required=False)
    avatar_url = serializers.CharField()


class UserInput(serializers.Serializer[Any]):
    title = fields.Text(max_length=255, required=False)
    display_name = serializers.CharField(max_length=255, required=False)
    language = fields.Text(min_length=2, max_length=35, required=False)
    time_zone = fields.ZoneName(max_length=64, required=False)
    dashboard_theme = fields.Text(max_length=128, required=False)
    conference_theme = fields.Text(max_length=128, required=False)


class LoginInput(serializers.Serializer[Any]):
    id_token = fields.Text(min_length=1)


class OidcProvider(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField()


class LoginInformation(serializers.Serializer[Any]):
    oidc = OidcProvider()


class LoginAnswer(serializers.Serializer[Any]):
    permissions = serializers.ListField(child=serializers.CharField())
