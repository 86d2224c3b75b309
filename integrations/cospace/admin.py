"""Sessions of cospace for staff: who listens, since when and from where, how far it has read; to end one."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity import reader
from activity.actors import Actor
from activity.models import Activity
from activity.reader_kinds import CospaceSessionEnded
from integrations.cospace.models import Session, Subscription
from integrations.cospace.sessions import terminate
from integrations.cospace.stream import cursor_of
from staff.admin import ReadOnlyAdmin

MOST_SUBSCRIPTIONS = 50


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    tenant_path = "user__tenant_id"
    called_with = ("user",)
    history_told = _("These are the sessions of this person that staff have ended.")
    list_display = ("who", "signed_in_at", "last_call_at", "address", "user_agent", "next_number", "subscribed")
    list_filter = (("user", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    id_fields = ("id", "user")
    search_fields = ("=user__email", "=user__username")
    search_help_text = _("A person's address or user name, or an id")
    ordering = ("-last_call_at",)
    show_full_result_count = False
    fields = (
        "id", "user", "origin", "address", "user_agent", "created_at", "signed_in_at", "last_call_at", "next_number",
        "behind", "waiting", "detailed",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        subscriptions = Subscription.objects.filter(session=OuterRef("pk")).order_by().values("session")
        count = subscriptions.annotate(count=Count("pk")).values("count")
        sessions: QuerySet[Session] = super().get_queryset(request)
        return sessions.select_related("user").annotate(
            subscription_count=Coalesce(Subquery(count), 0, output_field=IntegerField())
        )

    def history_of(self, session: Session) -> QuerySet[Any]:
        return Activity.objects.filter(kind=CospaceSessionEnded.name, subject_id=session.user_id or session.pk)

    @admin.display(description=_("user"), ordering="user__email")
    def who(self, session: Session) -> str:
        return str(session.user) if session.user else gettext("Nobody has signed in")

    @admin.display(description=_("subscriptions"))
    def subscribed(self, session: Session) -> int:
        return int(session.subscription_count)  # type: ignore[attr-defined]

    @admin.display(description=_("entries of the log to read"))
    def behind(self, session: Session) -> str:
        if session.user is None:
            return "0"
        most = 500
        count = len(reader.seen_by(session.user.pk, cursor_of(session), limit=most))
        return str(count) if count < most else gettext("%(count)d or more") % {"count": most}

    @admin.display(description=_("passing events to read"))
    def waiting(self, session: Session) -> int:
        return session.passing.count()

    @admin.display(description=_("subscriptions"))
    def detailed(self, session: Session) -> SafeString:
        rows = session.subscriptions.all()[:MOST_SUBSCRIPTIONS]
        return format_html_join("", "{} {}<br>", ((row.get_kind_display(), row.object_id or "") for row in rows))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a session; to end it is the change there is."""
        return request.user.has_perm("cospace.change_session")

    @admin.action(description=_("End selected sessions"), permissions=["operate"])
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        actor = Actor.by_admin(request.user)
        count = sum(terminate(session=session, actor=actor) for session in queryset)
        text = ngettext("%(count)d session has ended", "%(count)d sessions have ended", count)
        self.message_user(request, text % {"count": count})
