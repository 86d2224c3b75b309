"""An object of alice's that bob reads by a tag, and a stranger of the same tenant."""

from typing import Any

from activity.actors import Actor
from activity.models import Activity, Audience
from integrations.objects.models import Grant, Level, Object, ObjectTag, Tag
from integrations.objects.services.objects import create_object
from tests import factories
from users.models import User


class World:
    def __init__(self) -> None:
        self.alice, self.bob, self.carol = factories.users("alice", "bob", "carol")
        self.by_alice = Actor.by_api(self.alice)
        self.names = {person.pk: name for name, person in vars(self).items() if isinstance(person, User)}

    def tag(self, label: str = "Friends", owner: User | None = None, **policy: Level) -> Tag:
        """`policy`: by the people's names."""
        tag = Tag.objects.create(owner=owner or self.alice, label=label)
        Grant.objects.bulk_create(Grant(tag=tag, user=getattr(self, name), level=policy[name]) for name in policy)
        return tag

    def contact(self, *tags: Tag, owner: User | None = None, description: str = "Hans Mustermann") -> Object:
        owner = owner or self.alice
        actor, kind = Actor.by_api(owner), Object.Type.CONTACT
        one = create_object(owner=owner, type=kind, actor=actor, description=description)
        ObjectTag.objects.bulk_create(ObjectTag(object=one, tag=tag) for tag in tags)
        return one

    def told(self, kind: str) -> list[tuple[dict[str, Any], dict[str, tuple[bool, bool]]]]:
        """Of each activity of the kind its data, and who learned of it: could that person read it before, and after?"""
        rows = Activity.objects.filter(kind=kind).order_by("position")
        return [
            (
                row.data,
                {
                    self.names[person.user_id]: (person.read_before, person.reads_after)
                    for person in Audience.objects.filter(activity=row)
                },
            )
            for row in rows
        ]

    def told_last(self, kind: str) -> tuple[dict[str, Any], dict[str, tuple[bool, bool]]]:
        return self.told(kind)[-1]
