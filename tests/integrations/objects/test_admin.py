"""What staff see of sharing, and how they delete comments."""

import pytest
from django.test import Client

from integrations.objects.models import Comment, Level
from integrations.objects.services.comments import create_comment
from integrations.objects.services.objects import delete_object
from tests import factories
from tests.integrations.objects.world import World
from tests.staff.asking import ask, confirmed
from tests.staff.holding import browser_of

pytestmark = pytest.mark.django_db
COMMENTS = "/admin/objects/comment/"


@pytest.fixture
def chief() -> Client:
    return browser_of(factories.staff("chief"))


def test_page_of_an_object_leads_to_its_tags_and_these_to_people(chief: Client) -> None:
    world = World()
    tag = world.tag("Friends <3", bob=Level.WRITE)
    one = world.contact(tag)
    page = chief.get(f"/admin/objects/object/{one.pk}/change/").content.decode()
    assert f'<a href="/admin/objects/tag/{tag.pk}/change/">Friends &lt;3</a>' in page
    assert "Bob Example: write" in chief.get(f"/admin/objects/tag/{tag.pk}/change/").content.decode()


def test_lists_are_searched_and_filtered(chief: Client) -> None:
    world = World()
    kept = world.contact(description="Kept")
    delete_object(one=world.contact(description="Thrown away"), actor=world.by_alice)
    for query, shown in (
        ({"trash": "yes"}, ("Thrown away",)),
        ({"trash": "no"}, ("Kept",)),
        ({"q": str(kept.pk)}, ("Kept",)),
        ({"q": "alice@"}, ("Kept", "Thrown away")),
        ({"q": "bob@"}, ()),
    ):
        page = chief.get("/admin/objects/object/", query).content.decode()
        assert [name for name in ("Kept", "Thrown away") if name in page] == list(shown), query


def test_comments_are_deleted_after_a_question(chief: Client) -> None:
    """Those on what is in the trash as well."""
    world = World()
    ones = [world.contact(), world.contact()]
    comments = [
        create_comment(one=one, author=world.alice, text=f"Text {number}", actor=world.by_alice)
        for number, one in enumerate(ones)
    ]
    delete_object(one=ones[1], actor=world.by_alice)
    chosen = {"action": "remove", "_selected_action": [str(comment.pk) for comment in comments]}
    page = ask(chief, COMMENTS, chosen).content.decode()
    assert "Text 0" in page
    assert Comment.objects.count() == 2
    assert confirmed(chief, COMMENTS, chosen).status_code == 302
    assert not Comment.objects.exists()
    assert len(world.told("comment.deleted")) == 2
