"""Meetings. Times are UTC instants with the IANA zone they were planned in; recurrence is calculated, never stored."""

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calendars.patterns import Series
from calendars.recurrence import Override
from events.digest_models import Digest  # noqa: F401 - Django looks for models here
from invites.models import Status
from users.search import Searchable


class Event(Searchable):
    SEARCHED = ("title", "description")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        "users.Tenant", on_delete=models.PROTECT, related_name="events", verbose_name=_("tenant")
    )
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="events", verbose_name=_("room"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="events", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("updated by")
    )
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)
    title = models.CharField(_("title"), max_length=255, blank=True)
    description = models.TextField(_("description"), max_length=4096, blank=True)
    # What calendars know the meeting by. One UID has one ORGANIZER, SEQUENCE only rises (RFC 5546 2.1.4).
    uid = models.CharField(_("UID"), max_length=255, editable=False)
    sequence = models.PositiveIntegerField(_("sequence"), default=0, editable=False)
    # The SEQUENCE of the last un-invitation: an invitation with the same one could not be ordered behind it.
    uninvited_sequence = models.PositiveIntegerField(null=True, editable=False)
    organizer_name = models.CharField(_("organizer"), max_length=255, blank=True, editable=False)
    organizer_address = models.EmailField(_("organizer's address"), max_length=255, editable=False)
    # Stands in the organizer's address where that is one of ours, which takes the answers.
    reply_token = models.CharField(max_length=32, default="", db_default="", editable=False)
    # The SEQUENCE since which it has its time: answers to an older one were given for another time.
    time_sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    is_time_independent = models.BooleanField(_("without time"), default=False)
    is_all_day = models.BooleanField(_("all day"), null=True, blank=True)
    starts_at = models.DateTimeField(_("start"), null=True, blank=True)
    starts_at_zone = models.CharField(_("time zone of the start"), max_length=64, blank=True)
    ends_at = models.DateTimeField(_("end"), null=True, blank=True)  # of the first occurrence
    ends_at_zone = models.CharField(_("time zone of the end"), max_length=64, blank=True)
    recurrence_pattern = models.JSONField(_("recurrence"), default=list, blank=True)
    last_starts_at = models.DateTimeField(_("last start"), null=True, blank=True)  # of the last occurrence
    series_ends_at = models.DateTimeField(_("end of the series"), null=True, blank=True)  # NULL with a start: endless
    is_adhoc = models.BooleanField(_("ad-hoc"), default=False)
    show_meeting_details = models.BooleanField(_("show details to guests"), default=False)
    lobby_opens_before_minutes = models.PositiveIntegerField(_("lobby opens (minutes before)"), null=True, blank=True)
    training_participation_report = models.JSONField(_("participation report"), null=True, blank=True)
    # Another program may tell people of the meeting itself.
    sends_mails = models.BooleanField(_("sends mails"), default=True, db_default=True, editable=False)
    # What that program says of the calendar entry: members of mailer.protocol.CalendarProperties. NULL: the site's own.
    calendar_properties = models.JSONField(_("calendar properties"), null=True, blank=True, editable=False)
    # The parts of a series that was split share `series`, and the room; `continued_by` is the next part.
    series = models.UUIDField(_("series"), editable=False)
    continued_by = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="continues",
        verbose_name=_("continued by"),
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar[list[str]] = ["starts_at", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["uid"], name="event_uid_unique"),
            models.UniqueConstraint(
                fields=["reply_token"], condition=~models.Q(reply_token=""), name="event_reply_token_unique"
            ),
            models.UniqueConstraint(
                fields=["room"], condition=models.Q(continued_by__isnull=True), name="event_room_unique_in_last_part"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    is_time_independent=True, is_all_day__isnull=True, starts_at__isnull=True, ends_at__isnull=True
                )
                | models.Q(
                    is_time_independent=False, is_all_day__isnull=False, starts_at__isnull=False, ends_at__isnull=False
                ),
                name="event_has_time_or_is_time_independent",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="event_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~models.Q(continued_by=models.F("id")), name="event_not_continued_by_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["series"], name="event_series"),  # the parts of a split series
            models.Index(fields=["created_at", "tenant"], name="event_created"),  # the dashboard
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)

    @property
    def is_recurring(self) -> bool:
        return bool(self.recurrence_pattern)

    def as_series(self) -> Series | None:
        """The event for calendars.recurrence; None when it has no time."""
        return series_of(self)

    def is_past(self, now: datetime) -> bool:
        """Over for good: a series without end never is, nor an event without time."""
        return self.series_ends_at is not None and self.series_ends_at < now


def series_of(event: Any) -> Series | None:
    """`event` has the columns of Event; None when it has no time."""
    if event.starts_at is None or event.ends_at is None:
        return None
    return Series(
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.starts_at_zone,
        is_all_day=bool(event.is_all_day),
        pattern=tuple(event.recurrence_pattern),
    )


class EventException(models.Model):
    """One occurrence that is not as the series says. NULL means: as the series."""

    class Kind(models.TextChoices):
        MODIFIED = "modified", _("modified")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="exceptions", verbose_name=_("event"))
    original_starts_at = models.DateTimeField(_("original start"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=255, null=True, blank=True)  # noqa: DJ001
    description = models.TextField(_("description"), max_length=4096, null=True, blank=True)  # noqa: DJ001
    is_all_day = models.BooleanField(_("all day"), null=True, blank=True)
    starts_at = models.DateTimeField(_("start"), null=True, blank=True)
    starts_at_zone = models.CharField(_("time zone of the start"), max_length=64, blank=True)
    ends_at = models.DateTimeField(_("end"), null=True, blank=True)
    ends_at_zone = models.CharField(_("time zone of the end"), max_length=64, blank=True)
    time_sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # as the event's
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("updated by")
    )
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering: ClassVar[list[str]] = ["event_id", "original_starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "original_starts_at"], name="event_exception_event_original_start_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gte=models.F("starts_at")),
                name="event_exception_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.original_starts_at):%Y-%m-%d %H:%M}"

    def as_override(self) -> Override:
        return override_of(self, key=self)


def override_of(exception: Any, *, key: object) -> Override:
    """`exception` has the columns of EventException."""
    return Override(
        original_starts_at=exception.original_starts_at,
        starts_at=exception.starts_at,
        ends_at=exception.ends_at,
        is_cancelled=exception.kind == EventException.Kind.CANCELLED,
        key=key,
    )


class Favorite(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favorites", verbose_name=_("user")
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="favorites", verbose_name=_("event"))

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="favorite_user_event_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.event_id}"


class SharedFolder(models.Model):
    """A folder at a file service: a link to read for everybody, one to write for the creator.

    Without a link it is only wanted: the file service did not answer, and a job asks again.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="shared_folder", verbose_name=_("event"))
    path = models.CharField(_("path"), max_length=1024, blank=True)
    read_url = models.URLField(_("URL for reading"), max_length=2000, blank=True)
    read_password = models.CharField(_("password for reading"), max_length=255, blank=True)
    read_share_id = models.CharField(max_length=255, blank=True, editable=False)
    write_url = models.URLField(_("URL for writing"), max_length=2000, blank=True)
    write_password = models.CharField(_("password for writing"), max_length=255, blank=True)
    write_share_id = models.CharField(max_length=255, blank=True, editable=False)
    tried_at = models.DateTimeField(_("last tried"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    class Meta:
        verbose_name = _("shared folder")
        verbose_name_plural = _("shared folders")
        # Serves the job that asks again.
        indexes = [
            models.Index(fields=["tried_at"], condition=models.Q(read_url=""), name="shared_folder_wanted"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def is_ready(self) -> bool:
        """Whether people can use it; a deleted row has lost its key."""
        return bool(self.pk and self.read_url)


class FolderDeletion(models.Model):
    """What is to go at the file service. The event and its folder's row may be gone already."""

    path = models.CharField(_("path"), max_length=1024, blank=True)
    read_share_id = models.CharField(max_length=255, blank=True)
    write_share_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    tried_at = models.DateTimeField(_("last tried"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    class Meta:
        verbose_name = _("folder awaiting deletion")
        verbose_name_plural = _("folders awaiting deletion")

    def __str__(self) -> str:
        return self.path


class Agenda(models.Model):
    """One row per person and event: what the list of a person's events is sorted and filtered by.

    Derived from the event, the invitation and the favourite; written only by events/agenda.py.
    """

    class Role(models.TextChoices):
        CREATOR = "creator", _("creator")
        USER = "user", _("participant")
        MODERATOR = "moderator", _("moderator")

    # Both databases sort NULL differently, so events without time and without end have these times instead.
    NO_TIME: ClassVar[datetime] = datetime(1, 1, 1, tzinfo=UTC)
    NO_END: ClassVar[datetime] = datetime(9999, 12, 31, tzinfo=UTC)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agenda", verbose_name=_("user")
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="agenda", verbose_name=_("event"))
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    sort_at = models.DateTimeField(_("start"))
    last_end_at = models.DateTimeField(_("last end"))
    created_at = models.DateTimeField(_("created"))  # of the event
    is_favorite = models.BooleanField(_("favourite"), default=False)
    invite_status = models.CharField(_("answer"), max_length=16, choices=Status.choices)
    is_adhoc = models.BooleanField(_("ad-hoc"))
    interval_node = models.BigIntegerField(editable=False)  # of sort_at to last_end_at (events/intervals.py)

    class Meta:
        verbose_name = _("agenda entry")
        verbose_name_plural = _("agenda")
        ordering: ClassVar[list[str]] = ["sort_at", "created_at", "event_id"]
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="agenda_user_event_unique")]
        indexes = [
            # Serves every page of a person's events, and those that begin in a window.
            models.Index(fields=["user", "sort_at", "created_at", "event"], name="agenda_user_order"),
            # Serves those that run when a window begins.
            models.Index(fields=["user", "interval_node", "last_end_at", "sort_at"], name="agenda_user_interval"),
            # Serve the filters that few events pass.
            models.Index(
                fields=["user", "sort_at", "created_at", "event"],
                condition=models.Q(is_favorite=True),
                name="agenda_user_favorites",
            ),
            models.Index(
                fields=["user", "invite_status", "sort_at", "created_at", "event"], name="agenda_user_invite_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.event_id}"


class Reminder(models.Model):
    """Which reminders somebody wants: of all meetings (no event), of one, or as its creator wants for everybody in it.

    A person's own row for a meeting stands instead of that person's usual one and of the one for everybody. Without an
    account people are known by their address, and can only say that they want none.
    """

    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, null=True, blank=True, related_name="reminders", verbose_name=_("event")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("user"),
    )
    address = models.EmailField(_("address"), max_length=255, blank=True, default="", db_default="")
    rules = models.JSONField(_("rules"), default=list, blank=True, db_default=[])  # as calendars.reminders.written
    is_off = models.BooleanField(_("switched off"), default=False, db_default=False)  # of no meeting at all
    # Whether the meetings of this person know the rules; the job sees to it.
    is_planned = models.BooleanField(default=True, db_default=True, editable=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="reminder_unique_of_event_and_user"),
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(user__isnull=True), name="reminder_unique_of_everybody"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(event__isnull=True), name="reminder_unique_of_user"
            ),
            models.UniqueConstraint(
                fields=["address"], condition=~models.Q(address=""), name="reminder_unique_of_address"
            ),
            models.CheckConstraint(
                condition=models.Q(event__isnull=True, user__isnull=True) ^ models.Q(address=""),
                name="reminder_of_event_user_or_address",
            ),
        ]
        # Serves the job that plans.
        indexes = [models.Index(fields=["id"], condition=models.Q(is_planned=False), name="reminder_unplanned")]

    def __str__(self) -> str:
        return f"{self.address or self.user_id or self.event_id}"


class NextReminder(models.Model):
    """When somebody looks next whether a meeting's reminders are due; a meeting that has none ahead has no row.

    Written under the lock of the event, and by the job that sends, which locks these rows alone.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="next_reminder", verbose_name=_("event")
    )
    look_at = models.DateTimeField(_("next check"))
    looked_at = models.DateTimeField(_("last check"))  # what was due until then is sent

    class Meta:
        verbose_name = _("next reminder")
        verbose_name_plural = _("next reminders")
        # Serves the job: the only thing it searches by.
        indexes = [models.Index(fields=["look_at"], name="next_reminder_look_at")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.look_at}"
