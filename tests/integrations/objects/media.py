"""Faxes, presentations and volumes as the tests of uploads, files and presentations begin with them."""

from typing import Any

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.conversion import run
from integrations.objects.conversion.findings import Finding
from integrations.objects.models import Content, Grant, Object, ObjectTag, Tag
from integrations.objects.services.uploads import upload_content
from integrations.objects.signals import passing
from tests.rooms.assets import Bytes
from users.models import User

PDF = Finding(mime_type="application/pdf", page_count=5)


def an_object(owner: User, type_: str, description: str = "Thing") -> Object:
    return Object.objects.create(owner=owner, type=type_, description=description)


def share(one: Object, *people: User, level: int = 1) -> Tag:
    tag = Tag.objects.create(owner=one.owner, label="shared")
    Grant.objects.bulk_create(Grant(tag=tag, user=person, level=level) for person in people)
    ObjectTag.objects.create(object=one, tag=tag)
    return tag


def upload(one: Object, content: bytes, **fields: Any) -> Content:
    given: dict[str, Any] = {"actor": Actor.by_api(one.owner), "source": Bytes(content), "size": len(content)}
    return upload_content(one=one, **given | fields)


def converted(one: Object, found: Finding = PDF) -> Content:
    """Without a process that looks at it."""
    upload(one, b"12345")
    claimed = run.claim()
    assert claimed is not None
    run.finish(claimed, found)
    return Content.objects.get(pk=one.pk)


def told(kind: str) -> list[tuple[dict[str, Any], set[str]]]:
    """The data of each activity of the kind, and the user names of its audience."""
    names = dict(User.objects.values_list("pk", "username"))
    return [
        (activity.data, {names[row.user_id] for row in activity.audience.all()})
        for activity in Activity.objects.filter(kind=kind).order_by("position")
    ]


class Passed:
    """What is sent past the log while this is open."""

    def __enter__(self) -> "Passed":
        self.events: list[dict[str, Any]] = []
        passing.connect(self._keep)
        return self

    def __exit__(self, *_error: object) -> None:
        passing.disconnect(self._keep)

    def _keep(self, sender: Any, signal: Any, **sent: Any) -> None:
        self.events.append(sent)

    def take(self) -> list[tuple[str, dict[str, Any]]]:
        taken = [(sent["name"], sent["data"]) for sent in self.events]
        self.events.clear()
        return taken
