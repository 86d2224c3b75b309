"""People on the wire (contract 2.1, 2.2). Classes describe shapes; `…_profile` functions write the rows."""

import re
from typing import Any

from rest_framework import serializers

from rest import fields
from users.avatars import avatar_url
from users.directory import Account
from users.models import User
from users.oidc.tokens import LONGEST_TOKEN
from users.rows import Person

MOST_FEATURES = 100  # of a module; there are far fewer modules and quotas, too
# Well-formed, not necessarily registered (RFC 5646 2.2.9).
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)


def public_profile(user: User | Person) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "title": user.title,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "display_name": user.display_name,
        "avatar_url": avatar_url(user.email, user.avatar_url, user.id),
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


def found_profile(found: User | Account) -> dict[str, Any]:
    """A hit of the search: with `kind` registered, or unregistered and then without id."""
    if isinstance(found, User):
        return {"kind": "registered"} | public_profile(found)
    return {
        "kind": "unregistered",
        "email": found.email,
        "firstname": found.first_name,
        "lastname": found.last_name,
        "avatar_url": avatar_url(found.email),
    }


class PublicUserProfile(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.CharField(max_length=255)
    title = serializers.CharField(max_length=255)
    firstname = serializers.CharField(max_length=255)
    lastname = serializers.CharField(max_length=255)
    display_name = serializers.CharField(max_length=255)
    avatar_url = serializers.CharField(max_length=2000, help_text="A picture; has no query string")


class PrivateUserProfile(PublicUserProfile):
    dashboard_theme = serializers.CharField(max_length=128)
    conference_theme = serializers.CharField(max_length=128)
    language = serializers.CharField(max_length=35)
    time_zone = serializers.CharField(max_length=64, allow_null=True)
    tariff_status = serializers.ChoiceField(User.TariffStatus.choices)
    used_storage = serializers.IntegerField(help_text="Bytes of all files in the user's rooms, uploads and volumes")


class FoundUser(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["registered", "unregistered"])
    id = serializers.UUIDField(required=False)
    email = serializers.CharField(max_length=255)
    title = serializers.CharField(max_length=255, required=False)
    firstname = serializers.CharField(max_length=255)
    lastname = serializers.CharField(max_length=255)
    display_name = serializers.CharField(max_length=255, required=False)
    avatar_url = serializers.CharField(max_length=2000)


class LanguageTag(fields.Text):
    """BCP 47, e.g. `de` or `en-US`."""

    default_error_messages = {"invalid_value": "This is not a language tag of BCP 47"}

    def to_internal_value(self, data: Any) -> str:
        tag = super().to_internal_value(data)
        if not LANGUAGE_TAG.fullmatch(tag):
            self.fail("invalid_value")
        return tag


class UserInput(serializers.Serializer[Any]):
    title = fields.Text(max_length=255, required=False)
    display_name = fields.Text(max_length=255, required=False, trim_whitespace=True, allow_blank=False)
    language = LanguageTag(min_length=2, max_length=35, required=False)
    time_zone = fields.ZoneName(max_length=64, required=False)
    dashboard_theme = fields.Text(max_length=128, required=False)
    conference_theme = fields.Text(max_length=128, required=False)


class TariffModule(serializers.Serializer[Any]):
    features = fields.Items(child=serializers.CharField(max_length=255), max_length=MOST_FEATURES)


class TariffResource(serializers.Serializer[Any]):
    """What a tariff allows; a quota that is missing is unlimited, a module that is missing is switched off."""

    id = serializers.UUIDField()
    name = serializers.CharField(max_length=255)
    quotas = fields.Map(child=serializers.IntegerField(), max_length=MOST_FEATURES)
    modules = fields.Map(child=TariffModule(), max_length=MOST_FEATURES)
    enabled_modules = fields.Items(child=serializers.CharField(max_length=255), max_length=MOST_FEATURES)
    disabled_features = fields.Items(child=serializers.CharField(max_length=255), max_length=MOST_FEATURES)


class LoginInput(serializers.Serializer[Any]):
    id_token = fields.Text(min_length=1, max_length=LONGEST_TOKEN)


class LogoutInput(serializers.Serializer[Any]):
    logout_token = fields.Text(min_length=1, max_length=LONGEST_TOKEN)


class OidcProvider(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=255)
    url = serializers.CharField(max_length=2000)


class LoginInformation(serializers.Serializer[Any]):
    oidc = OidcProvider()


class LoginAnswer(serializers.Serializer[Any]):
    permissions = fields.Items(child=serializers.CharField(max_length=255), max_length=MOST_FEATURES)
