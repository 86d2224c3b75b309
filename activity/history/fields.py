"""What the members of an activity's `changes` are called: as the column of its subject's model, or as listed here."""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Of these the log says only that there is another one, whatever a row holds.
SECRETS = frozenset(
    {"password", "client_secret", "api_key", "pin", "dial_in_pin", "sip_id", "streaming_key", "code", "token", "secret"}
)
# Texts of mails: the editor has every version, for who may read them.
UNTOLD = frozenset({("mailtemplate", "subject"), ("mailtemplate", "body")})

# What services call by other names than a column of the subject, and columns of packages that have no label.
LABELS: dict[str, str | Promise] = {
    "has_password": _("password set"),
    "streaming_targets": _("live streams"),
    "dial_in_pin": _("dial-in PIN"),
    "has_shared_folder": _("shared folder"),
    "waiting_room": _("waiting room"),
    "e2e_encryption": _("end-to-end encryption"),
    "status": _("status"),
    "role": _("role"),
    "rules": _("reminders"),
    "is_off": _("no reminders"),
    "frequency": _("frequency"),
    "at": _("time of day"),
    "expiration": _("expires"),
    "comment": _("comment"),
    "error": _("error"),
    "groups": _("groups"),
    "policy": _("access of others"),
    # of contacts
    "given_name": _("given name"),
    "family_name": _("family name"),
    "organization": _("organization"),
    "numbers": _("phone numbers"),
    "emails": _("email addresses"),
    "addresses": _("postal addresses"),
    "note": _("note"),
    "api_key": _("API key"),
    "password": _("password"),
    "secret": _("secret"),
    "target": _("address"),
    "picture": _("logo"),
    "removes_picture": _("logo removed"),
    # django_celery_beat
    "task": _("task"),
    "regtask": _("task"),
    # oauth2_provider
    "name": _("name"),
    "client_id": _("client id"),
    "client_secret": _("client secret"),
    "client_type": _("client type"),
    "authorization_grant_type": _("sign-in method"),
    "redirect_uris": _("redirect addresses"),
    "post_logout_redirect_uris": _("redirect addresses after sign-out"),
    "allowed_origins": _("allowed origins"),
    "algorithm": _("signing algorithm"),
    "skip_authorization": _("signs in without asking"),
}


@cache
def model_of(subject_type: str) -> type[Model] | None:
    """The model whose name the log has; those that the admin shows come first."""
    shown = [model for model in admin.site._registry if model._meta.model_name == subject_type]
    return next(iter(shown or (model for model in apps.get_models() if model._meta.model_name == subject_type)), None)


def column_of(model: type[Model] | None, name: str) -> "Field[Any, Any] | None":
    try:
        found = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def label_of(model: type[Model] | None, name: str) -> str | Promise | None:
    """None for what has no name for people."""
    column = column_of(model, name)
    if column is not None and isinstance(column.verbose_name, Promise):
        return column.verbose_name
    return LABELS.get(name)
