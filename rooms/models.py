"""Rooms and what belongs to them: dial-in, live streams, files, wrong guesses."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ten_digits = RegexValidator(r"\A[0-9]{10}\Z", _("Ten digits"))


def random_digits() -> str:
    """A dial-in id or PIN."""
    return f"{secrets.randbelow(10**10):010}"


class Room(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("users.Tenant", on_delete=models.PROTECT, related_name="rooms", verbose_name=_("tenant"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    password = models.CharField(_("password"), max_length=255, blank=True)  # "" is no password
    waiting_room = models.BooleanField(_("waiting room"), default=False)
    e2e_encryption = models.BooleanField(_("end-to-end encryption"), default=False)
    # It was made by itself, so it stays when no meeting is held in it (room-cleanup).
    is_standalone = models.BooleanField(_("made without a meeting"), default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering: ClassVar[list[str]] = ["-created_at", "id"]
        # Serves the list of a person's own rooms.
        indexes = [models.Index(fields=["created_by", "-created_at", "id"], name="room_created_by")]

    def __str__(self) -> str:
        return str(self.id)


class SipConfig(models.Model):
    """How the room is reached by phone."""

    room = models.OneToOneField(Room, on_delete=models.CASCADE, related_name="sip_config", verbose_name=_("room"))
    sip_id = models.CharField(_("dial-in id"), max_length=10, default=random_digits, validators=[ten_digits])
    password = models.CharField(_("dial-in PIN"), max_length=10, default=random_digits, validators=[ten_digits])
    lobby = models.BooleanField(_("lobby"), default=False)

    class Meta:
        verbose_name = _("dial-in")
        verbose_name_plural = _("dial-ins")
        constraints = [models.UniqueConstraint(fields=["sip_id"], name="sip_config_sip_id_unique")]

    def __str__(self) -> str:
        return self.sip_id


class StreamingTarget(models.Model):
    """Where the meeting is streamed to. The key is for the room's creator only and never leaves in a mail."""

    class Kind(models.TextChoices):
        CUSTOM = "custom", _("custom")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="streaming_targets", verbose_name=_("room"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name = models.CharField(_("name"), max_length=255)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.CUSTOM)
    streaming_endpoint = models.URLField(_("streaming endpoint"), max_length=2000)
    streaming_key = models.CharField(_("streaming key"), max_length=2000)
    public_url = models.URLField(_("public address"), max_length=2000)

    class Meta:
        verbose_name = _("streaming target")
        verbose_name_plural = _("streaming targets")
        ordering: ClassVar[list[str]] = ["room_id", "position", "id"]

    def __str__(self) -> str:
        return self.name


class Asset(models.Model):
    """A file that belongs to a room: a recording, a whiteboard, minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="assets", verbose_name=_("room"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    namespace = models.CharField(_("module"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=50)
    filename = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    file = models.FileField(_("file"), upload_to="assets/", max_length=255)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar[list[str]] = ["room_id", "created_at", "id"]

    def __str__(self) -> str:
        return self.filename


class Guess(models.Model):
    """A wrong room password or PIN. Counted per room and client, so that nobody can try them all."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="guesses", verbose_name=_("room"))
    client = models.CharField(_("client"), max_length=64)  # a keyed hash of its address
    guessed_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("wrong guess")
        verbose_name_plural = _("wrong guesses")
        indexes = [models.Index(fields=["room", "client", "guessed_at"], name="guess_room_client")]

    def __str__(self) -> str:
        return f"{self.room_id} {self.guessed_at}"
