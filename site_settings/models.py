"""One row with what staff have chosen; nothing chosen means what the environment says (opentalk_site/settings.py)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ONLY = 1  # the key of the row
LONGEST_DAYS = 3650


class SiteSettings(models.Model):
    class SecondFactor(models.TextChoices):
        """As STAFF_SECOND_FACTOR in .env.example."""

        OPTIONAL = "optional", _("of those who have set one up")
        SUPERUSERS = "superusers", _("of superusers")
        REQUIRED = "required", _("of everybody who may use the admin")

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    support_address = models.EmailField(
        _("support address"), blank=True, help_text=_("Stands in mails, where a tenant has no address of its own.")
    )
    imprint_url = models.URLField(
        _("imprint"),
        blank=True,
        validators=[URLValidator(["http", "https"])],
        help_text=_("Linked at the end of mails, where a tenant has no imprint of its own."),
    )
    data_protection_url = models.URLField(
        _("data protection"),
        blank=True,
        validators=[URLValidator(["http", "https"])],
        help_text=_("Linked at the end of mails, where a tenant has no page of its own."),
    )
    invites_outsiders = models.BooleanField(
        _("people without an account can be invited"),
        null=True,
        blank=True,
        help_text=_("Applications may invite anybody. Who is invited already stays so."),
    )
    default_language = models.CharField(
        _("language"),
        max_length=35,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("Of new people whose identity provider names none, and of mails to them."),
    )
    default_tariff = models.ForeignKey(
        "users.Tariff",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tariff of new people"),
        help_text=_("Who has a tariff keeps it."),
    )
    second_factor = models.CharField(
        _("code of an app at the sign-in"),
        max_length=16,
        choices=SecondFactor.choices,
        blank=True,
        help_text=_("From whom the admin wants it, beside the password. Who has none sets it up at the next sign-in."),
    )
    mail_daily_quota = models.PositiveIntegerField(
        _("mails of one tenant on a day"),
        null=True,
        blank=True,
        help_text=_("The others wait for the next day (UTC). 0: any number."),
    )
    mail_body_days = models.PositiveIntegerField(
        _("days for which sent mails are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)],
        help_text=_("After that their contents are removed for good; who got what and when stays."),
    )

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [models.CheckConstraint(condition=models.Q(id=ONLY), name="site_settings_one_row")]

    def __str__(self) -> str:
        return gettext("Site settings")
