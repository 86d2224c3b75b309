"""Comments are Webex messages; of tags, objects and the trash Webex has nothing."""

import pytest

from activity.actors import Actor
from activity.object_kinds import OBJECT_KINDS, CommentCreated, CommentDeleted, CommentUpdated
from integrations.objects import access
from integrations.objects.services.comments import create_comment, delete_comment, update_comment
from integrations.webex import ids
from integrations.webex.formats import FORMATS, NOT_SHOWN
from tests.circle import Circle
from tests.integrations.webex.test_formats import told
from tests.integrations.webex.world import person_id

pytestmark = pytest.mark.django_db
COMMENTS = (CommentCreated, CommentUpdated, CommentDeleted)


def test_comment_on_a_meeting_is_a_message_in_its_room() -> None:
    circle = Circle()
    by = Actor.by_api(circle.bob)
    one = access.found(circle.bob, circle.event.room_id)
    comment = create_comment(one=one, author=circle.bob, text="I bring cake", actor=by)
    update_comment(comment=comment, by=circle.bob, text="No cake", actor=by)
    delete_comment(comment=comment, by=circle.alice, actor=Actor.by_api(circle.alice))
    events = told("comment.created", "comment.updated", "comment.deleted")
    assert [(event["resource"], event["type"], event["data"].get("text")) for event in events] == [
        ("messages", "created", "I bring cake"),
        ("messages", "updated", "No cake"),
        ("messages", "deleted", None),
    ]
    written = {
        "id": ids.written(ids.MESSAGE, comment.pk),
        "roomId": ids.written(ids.ROOM, circle.event.room_id),
        "roomType": "group",
        "orgId": ids.written(ids.ORGANIZATION, circle.bob.tenant_id),
        "personId": person_id(circle.bob),
        "personEmail": "bob@example.com",
    }
    assert events[2]["data"] == written
    assert events[2]["actorId"] == person_id(circle.alice)


def test_of_other_objects_webex_has_nothing() -> None:
    others = {kind.name for kind in OBJECT_KINDS if kind not in COMMENTS}
    assert others <= NOT_SHOWN
    assert not others & FORMATS.keys()
