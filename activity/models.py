"""Rows of the log. They outlive the rows of other apps that they describe, so they have no foreign keys to them."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


def id_in_log(row: models.Model) -> uuid.UUID:
    """A key that is no UUID as one: a number in its last digits, a text by its hash."""
    key = row.pk
    if isinstance(key, str):
        return uuid.uuid5(uuid.NAMESPACE_URL, key)
    return key if isinstance(key, uuid.UUID) else uuid.UUID(int=key)


class CurrentTransaction(models.Func):
    """PostgreSQL's 64-bit id of the running transaction; 0 on SQLite, where one writer at a time orders all."""

    template = "0"
    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="pg_current_xact_id()::text::bigint", **context)


class ByTime(models.Func):
    """The column, by which an index with other columns before it is ordered.

    On PostgreSQL it is an expression that activity_time does not have: walking that one backwards until enough rows of
    a kind have come looks cheap, and reads the whole log where there are none.
    """

    template = "%(expressions)s"
    output_field = models.DateTimeField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s AT TIME ZONE 'UTC')", **context)


class Activity(models.Model):
    class ActorKind(models.TextChoices):
        USER = "user", _("user")
        GUEST = "guest", _("guest")
        PARTICIPANT = "participant", _("participant")
        STAFF = "staff", _("staff")
        JOB = "job", _("job")
        SERVICE = "service", _("service")

    class Via(models.TextChoices):
        API = "api", _("API")
        ADMIN = "admin", _("admin")
        PAGE = "page", _("page")
        JOB = "job", _("job")
        MAIL = "mail", _("mail")
        PROTOCOL = "protocol", _("protocol")

    position = models.BigAutoField(_("position"), primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, editable=False)
    # The order of readers, who stay below PostgreSQL's oldest running transaction; 0 on SQLite (see reader.py).
    transaction_id = models.BigIntegerField(_("transaction"), db_default=CurrentTransaction(), editable=False)
    occurred_at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=64)
    tenant_id = models.UUIDField(_("tenant"), null=True)
    actor_kind = models.CharField(_("actor kind"), max_length=16, choices=ActorKind.choices)
    actor_id = models.UUIDField(_("actor"), null=True)
    actor_name = models.CharField(_("actor name"), max_length=255, blank=True)
    via = models.CharField(_("via"), max_length=16, choices=Via.choices)
    subject_type = models.CharField(_("subject type"), max_length=32)
    subject_id = models.UUIDField(_("subject"))
    room_id = models.UUIDField(_("room"), null=True)
    event_id = models.UUIDField(_("event"), null=True)
    # Of the object, as it was after the activity, or before where it was deleted; NULL in rows older than the column.
    owner_id = models.UUIDField(_("owner"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True, db_default="")  # of the meeting, as it was then
    data = models.JSONField(_("data"), default=dict)
    data_version = models.PositiveSmallIntegerField(_("version of the data"), db_default=1)
    changes = models.JSONField(_("changes"), default=dict)
    source = models.CharField(_("source"), max_length=64, blank=True)
    source_id = models.CharField(  # noqa: DJ001 - NULL is "no source"; "" would collide in the unique pair
        _("id at the source"), max_length=255, null=True
    )
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    # The words it is found by (activity/search.py). PostgreSQL has an index of them: migration 0004.
    search_text = models.TextField(db_default="", editable=False)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity log")
        ordering: ClassVar[list[str]] = ["-position"]
        permissions = [("view_compliance", "Can read the log by the Webex API")]
        constraints = [
            models.UniqueConstraint(fields=["id"], name="activity_id_unique"),
            models.UniqueConstraint(fields=["source", "source_id"], name="activity_source_unique"),
        ]
        indexes = [
            models.Index(fields=["event_id", "position"], name="activity_event"),  # history of an event in the admin
            models.Index(fields=["subject_id", "position"], name="activity_subject"),  # history of any other object
            models.Index(fields=["room_id", "position"], name="activity_room"),  # history of a room
            models.Index(fields=["actor_id", "position"], name="activity_actor"),  # what a person did
            models.Index(fields=["occurred_at"], name="activity_time"),  # a day in the admin
            models.Index(fields=["request_id"], condition=~models.Q(request_id=""), name="activity_request"),
            models.Index(fields=["kind", "position"], name="activity_kind"),  # the admin's filters
            models.Index(fields=["via", "position"], name="activity_via"),
            models.Index(fields=["transaction_id", "position"], name="activity_transaction"),  # the whole stream
            models.Index(fields=["tenant_id", "transaction_id", "position"], name="activity_tenant"),  # a tenant's
            # A tenant's activities of one kind by time, of everybody or of one person: integrations/webex/listing.py.
            models.Index("tenant_id", "kind", ByTime("occurred_at"), "position", name="activity_of_kind"),
            models.Index("tenant_id", "actor_id", "kind", ByTime("occurred_at"), "position", name="activity_of_actor"),
            # Who was in a live meeting, and what was recorded there: integrations/webex/lookups.py.
            models.Index(
                fields=["room_id", "kind", "position"],
                condition=models.Q(kind__in=["meeting.started", "participant.joined", "recording.started"]),
                name="activity_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.kind}"


class Audience(models.Model):
    """A person who learns of an activity: fixed when it is written, whatever that person may see later.

    Whether the person read the object before and after tells a new object from a changed one and from one that is
    out of reach now.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="audience")
    user_id = models.UUIDField(_("user"))
    # The activity's, so that a person's stream is one range of one index: the activity's key is its position.
    transaction_id = models.BigIntegerField(_("transaction"), db_default=CurrentTransaction(), editable=False)
    read_before = models.BooleanField(_("could read it before"), db_default=True)
    reads_after = models.BooleanField(_("can read it after"), db_default=True)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audience")
        # Serves a person's stream.
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "transaction_id", "activity"], name="audience_user_transaction_activity_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.user_id}"
