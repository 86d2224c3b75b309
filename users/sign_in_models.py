"""What is kept of signing in with a password: wrong ones, and the second factor of staff."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WrongPassword(models.Model):
    """How often in a row a client has typed a wrong password to a name; users/guard.py."""

    # Keyed hashes: of the name as typed, whether somebody has it or not, and of the client's network.
    name = models.CharField(_("name"), max_length=64)
    client = models.CharField(_("client"), max_length=64)
    count = models.PositiveIntegerField(_("wrong passwords"), default=0)
    last_at = models.DateTimeField(_("last try"), default=timezone.now)

    class Meta:
        verbose_name = _("wrong password")
        verbose_name_plural = _("wrong passwords")
        constraints = [models.UniqueConstraint(fields=["name", "client"], name="wrong_password_name_client_unique")]
        indexes = [models.Index(fields=["last_at"], name="wrong_password_last_at")]  # serves the removal of old rows

    def __str__(self) -> str:
        return f"{self.count} {self.last_at}"


class SecondFactor(models.Model):
    """The key that an authenticator app shares with the site (RFC 6238); users/second_factor.py."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="second_factor",
        verbose_name=_("user"),
    )
    key = models.TextField(_("key"), editable=False)  # encrypted
    # The step of the last code that opened: none opens twice.
    last_step = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """Opens once where the app is lost."""

    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes", verbose_name=_("second factor")
    )
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_factor_digest_unique")]

    def __str__(self) -> str:
        return str(self.pk)
