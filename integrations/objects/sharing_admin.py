"""Objects, tags and comments for staff: who shares what with whom. They change nothing but delete comments."""

from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.contrib.messages import SUCCESS
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.access import describe
from integrations.objects.models.comments import Comment
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Tag
from integrations.objects.services.comments import delete_comment
from rest.errors import NotFound
from staff.admin import ReadOnlyAdmin
from staff.effects import Effect, Part, confirm

MOST_AT_ONCE = 500
SHOWN = 200  # people, tags or objects on one page


class TrashFilter(admin.SimpleListFilter):
    title = _("Where it is")
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("in use")), ("yes", _("in the trash"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Object]) -> QuerySet[Object]:
        return queryset if self.value() is None else queryset.filter(deleted_at__isnull=self.value() == "no")


@admin.register(Object)
class ObjectAdmin(ReadOnlyAdmin):
    tenant_path = "owner__tenant_id"
    list_display = ("described", "type", "owner", "created_at", "deleted_at")
    list_filter = ("type", TrashFilter)
    list_select_related = ("owner",)
    id_fields = ("id", "owner", "room")
    search_fields = ("owner__email__startswith",)
    search_help_text = _("The beginning of the owner's address, or the id of an object or of its owner")
    ordering = ("-created_at", "id")
    show_full_result_count = False
    fields = ("id", "described", "type", "owner", "tags_shown", "created_at", "modified_at", "deleted_at")
    readonly_fields = fields

    def called(self, row: Object) -> str:
        describe([row])
        return str(row)

    @admin.display(description=_("description"), ordering="description")
    def described(self, row: Object) -> str:
        return str(row)

    @admin.display(description=_("shared by tags"))
    def tags_shown(self, row: Object) -> str:
        """Each leads to the tag's page, which says who has access by it."""
        tags = Tag.objects.filter(attachments__object=row).order_by("label", "pk")[:SHOWN]
        links = ((reverse("admin:objects_tag_change", args=[tag.pk]), tag.label) for tag in tags)
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    tenant_path = "owner__tenant_id"
    list_display = ("label", "owner", "people", "objects", "foreign_use", "created_at")
    list_filter = ("foreign_use",)
    list_select_related = ("owner",)
    id_fields = ("id", "owner")
    search_fields = ("label__startswith", "owner__email__startswith")
    search_help_text = _("The beginning of a label or of the owner's address, or an id")
    ordering = ("-created_at", "id")
    show_full_result_count = False
    fields = ("id", "label", "owner", "foreign_use", "who", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        tags: QuerySet[Tag] = super().get_queryset(request)
        counts = {"people": Count("grants", distinct=True), "objects": Count("attachments", distinct=True)}
        return tags.annotate(**{f"count_of_{name}": count for name, count in counts.items()})

    @admin.display(description=_("people"))
    def people(self, row: Any) -> int:
        return int(row.count_of_people)

    @admin.display(description=_("objects"))
    def objects(self, row: Any) -> int:
        return int(row.count_of_objects)

    @admin.display(description=_("access of others"))
    def who(self, row: Tag) -> str:
        grants = row.grants.select_related("user").order_by("user__display_name", "pk")[:SHOWN]
        lines = ((grant.user, grant.get_level_display()) for grant in grants)
        return format_html_join(mark_safe("<br>"), "{}: {}", lines) or "–"


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    tenant_path = "object__owner__tenant_id"
    list_display = ("beginning", "owner", "object", "created_at")
    list_select_related = ("owner", "object")
    id_fields = ("id", "owner", "object")
    search_fields = ("owner__email__startswith",)
    search_help_text = _("The beginning of the author's address, or the id of a comment, its object or its author")
    ordering = ("-created_at", "id")
    show_full_result_count = False
    fields = ("id", "text", "owner", "object", "created_at", "modified_at")
    readonly_fields = fields
    actions = ("remove",)

    def history_of(self, row: Comment) -> QuerySet[Activity]:
        return Activity.objects.filter(subject_id=row.pk, subject_type="comment")

    @admin.display(description=_("text"))
    def beginning(self, row: Comment) -> str:
        return Truncator(row.text).chars(80)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits what others wrote."""
        return bool(request.user.has_perm("objects.delete_comment"))

    @admin.action(description=_("Delete selected comments"), permissions=["operate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        comments = list(queryset.select_related("object", "owner").order_by("object", "pk")[:MOST_AT_ONCE])
        _remove(request, comments)
        text = ngettext("%(count)d comment was deleted", "%(count)d comments were deleted", len(comments))
        self.message_user(request, text % {"count": len(comments)}, SUCCESS)


@transaction.atomic
def _remove(request: HttpRequest, comments: list[Comment]) -> None:
    for comment in comments:
        with suppress(NotFound):  # deleted by somebody else meanwhile
            delete_comment(comment=comment, by=None, actor=Actor.by_admin(request.user))
    rows = [(str(comment.owner), Truncator(comment.text).chars(80)) for comment in comments]
    effect = Effect(
        lines=[gettext("Whoever can access the object no longer sees them. They cannot be brought back.")],
        parts=[Part(gettext("Comments"), rows, (gettext("author"), gettext("text")))],
        facts=[str(comment.pk) for comment in comments],
    )
    title = ngettext("Delete this comment?", "Delete these comments?", len(comments))
    confirm(request, effect, title=title, opts=Comment._meta, back=request.get_full_path())
