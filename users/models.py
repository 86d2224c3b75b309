"""People and what they belong to. A person without `oidc_sub` has an account here but never used the API."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group as Permissions
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from calendars.addresses import canonical, spellings
from database.folding import folded
from users.search import Searchable
from users.sign_in_models import RecoveryCode, SecondFactor, WrongPassword  # noqa: F401 - Django looks for models here


class Tenant(models.Model):
    """A group of users who can see only each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class MailOccurrences(models.TextChoices):
        """What the calendar object holds where a mail tells of one occurrence of a series."""

        ALONE = "alone", _("that occurrence alone, as Outlook needs it")
        WHOLE = "whole", _("the whole series, as Nextcloud needs it")

    external_id = models.CharField(_("external id"), max_length=255)
    mail_occurrences = models.CharField(
        _("calendar object of one occurrence"),
        max_length=5,
        choices=MailOccurrences.choices,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty: use the setting MAIL_OCCURRENCES"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        ordering = ["external_id"]
        permissions = (
            ("see_every_tenant", "Can see every tenant, not the own one alone"),
            ("export_lists", "Can export lists as files"),
        )
        constraints = [models.UniqueConstraint(fields=["external_id"], name="tenant_external_id_unique")]

    def __str__(self) -> str:
        return self.external_id


class Tariff(models.Model):
    """What a user's rooms may do: quotas by name, modules and features that are switched off."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=255)
    external_ids = models.JSONField(_("external ids"), default=list, blank=True)
    quotas = models.JSONField(_("quotas"), default=dict, blank=True)
    disabled_modules = models.JSONField(_("disabled modules"), default=list, blank=True)
    disabled_features = models.JSONField(_("disabled features"), default=list, blank=True)

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="tariff_name_unique")]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A group that the identity provider names in `x_grp`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="groups", verbose_name=_("tenant"))
    name = models.CharField(_("name"), max_length=255)

    class Meta:
        verbose_name = _("group of the identity provider")
        verbose_name_plural = _("groups of the identity provider")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="group_tenant_name_unique")]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    def registered(self) -> Self:
        """People the API knows: they signed in at least once and are not disabled."""
        return self.filter(oidc_sub__isnull=False, disabled_since__isnull=True)

    def unregistered(self) -> Self:
        """Accounts of the embedded provider that never used the API."""
        return self.filter(oidc_sub__isnull=True, disabled_since__isnull=True)

    def of_tenant(self, tenant_id: uuid.UUID) -> Self:
        return self.filter(tenant_id=tenant_id)

    def by_email(self, email: str) -> Self:
        return self.filter(email__in=spellings(email))

    def matching(self, text: str) -> Self:
        """Case-insensitive substring of the display name, "first last" or the address; `%` is no wildcard."""
        return self.filter(search_text__contains=folded(text))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """For Django's own commands (`createsuperuser`); services create everybody else."""

    def create_superuser(self, username: str, email: str, password: str | None = None) -> "User":
        tenant, _created = Tenant.objects.get_or_create(external_id=settings.TENANT_DEFAULT)
        user: User = self.model(
            username=username, email=canonical(email), is_staff=True, is_superuser=True, tenant=tenant
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(Searchable, AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing] # of the swapped Client
    SEARCHED = ("display_name", "first_name", "last_name", "email")

    class TariffStatus(models.TextChoices):
        DEFAULT = "default", _("default")
        PAID = "paid", _("paid")
        DOWNGRADED = "downgraded", _("downgraded")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="users", verbose_name=_("tenant"))
    tariff = models.ForeignKey(
        Tariff, on_delete=models.PROTECT, related_name="users", null=True, blank=True, verbose_name=_("tariff")
    )
    tariff_status = models.CharField(
        _("tariff status"), max_length=16, choices=TariffStatus.choices, default=TariffStatus.DEFAULT
    )
    tenant_groups = models.ManyToManyField(Group, blank=True, related_name="users", verbose_name=_("groups"))
    oidc_sub = models.CharField(  # noqa: DJ001 - NULL is "never signed in"; "" would collide in the unique pair
        _("subject at the identity provider"), max_length=255, null=True, blank=True
    )
    username = models.CharField(_("user name"), max_length=255)
    email = models.EmailField(_("e-mail address"), max_length=255)
    title = models.CharField(_("title"), max_length=255, blank=True)
    first_name = models.CharField(_("first name"), max_length=255, blank=True)
    last_name = models.CharField(_("last name"), max_length=255, blank=True)
    display_name = models.CharField(_("display name"), max_length=255, blank=True)
    language = models.CharField(_("language"), max_length=35, default="en-US")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    dashboard_theme = models.CharField(_("dashboard theme"), max_length=128, default="system")
    conference_theme = models.CharField(_("conference theme"), max_length=128, default="system")
    phone = models.CharField(_("phone number"), max_length=32, blank=True)
    avatar_url = models.URLField(_("picture"), max_length=500, blank=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    disabled_since = models.DateTimeField(_("disabled since"), null=True, blank=True)
    # Tokens issued until then are invalid; by the clock of the issuer if the issuer ended the sessions.
    sessions_ended_at = models.DateTimeField(_("signed out everywhere"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["display_name", "id"]
        permissions = (("see_as_user", "Can see what a person sees"),)
        constraints = [
            models.UniqueConstraint(fields=["username"], name="user_username_unique"),
            models.UniqueConstraint(fields=["tenant", "oidc_sub"], name="user_tenant_oidc_sub_unique"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]
        # Serves the search of an invitee's address and the claim of invitations at the first sign-in.
        indexes = [models.Index(fields=["email", "tenant"], name="user_email_tenant")]

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's name for it: whether the person may sign in."""
        return self.disabled_since is None

    @property
    def is_registered(self) -> bool:
        return self.oidc_sub is not None

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Role(Permissions):
    """What a kind of staff may do. Django calls these groups, which here are what the identity provider names."""

    class Meta:
        proxy = True
        verbose_name = _("role")
        verbose_name_plural = _("roles")


class Client(AbstractApplication):
    """A program that signs people in, or itself, at the embedded provider."""

    roles = models.JSONField(
        _("roles"),
        default=list,
        blank=True,
        help_text=_("Roles in the tokens of a service, for example opentalk-call-in"),
    )
    backchannel_logout_uri = models.URLField(
        _("back-channel logout address"),
        max_length=500,
        blank=True,
        validators=[URLValidator(["http", "https"])],
        help_text=_("Called when a session ends (OpenID Connect Back-Channel Logout)"),
    )

    class Meta(AbstractApplication.Meta):
        verbose_name = _("OIDC client")
        verbose_name_plural = _("OIDC clients")
