"""Sharing by tags through the calls of cospace: what owner, reader, former reader and stranger get and are told."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from integrations.objects.access import tag_all
from integrations.objects.services.contacts import create_contact
from tests import factories
from tests.circle import Circle
from tests.integrations.cospace.client import STREAMS, Cospace

pytestmark = STREAMS
NAME = {"given_name": "Hans", "family_name": "Mustermann"}


class People:
    """Alice owns, bob and carol are whom she shares with, the stranger is of the same tenant."""

    def __init__(self) -> None:
        self.alice, self.bob, self.carol, _stranger = factories.users("alice", "bob", "carol", "stranger")
        self.owner, self.reader, self.other, self.stranger = (
            Cospace().signed_in(name) for name in ("alice", "bob", "carol", "stranger")
        )
        self.clients = (self.owner, self.reader, self.other, self.stranger)
        self.ids = {person: str(getattr(self, person).pk) for person in ("alice", "bob", "carol")}

    def contact(self) -> str:
        return str(self.owner.post("/api/contact", NAME)["contact"]["object"])

    def tag(self, label: str = "Friends", **policy: int) -> str:
        """`policy` by the people's names."""
        body = {"label": label, "policy": {self.ids[name]: level for name, level in policy.items()}}
        return str(self.owner.post("/api/tag", body)["tag"]["tag"])

    def told(self) -> list[list[dict[str, Any]]]:
        """The new events of owner, reader, other and stranger, without ids and times."""
        return [
            [{name: value for name, value in event.items() if name not in ("id", "time")} for event in client.events()]
            for client in self.clients
        ]

    def about(self, one: str, **more: Any) -> dict[str, Any]:
        return {"object": one, "type": "contact", "owner": self.ids["alice"], "description": "Hans Mustermann"} | more


def test_tag_from_its_making_to_its_end() -> None:
    people = People()
    body = {"label": "myTag", "foreign_use": True, "policy": {people.ids["bob"]: 2}}
    told = people.owner.post("/api/tag", body)["tag"]
    tag = told["tag"]
    policy = {people.ids["alice"]: 4, people.ids["bob"]: 2}
    about = {"tag": tag, "owner": people.ids["alice"], "label": "myTag", "foreign_use": True, "policy": policy}
    assert told == about
    new = [{"event": "tag_new"} | about]
    assert people.told() == [new, new, [], []]
    changed = people.owner.post(f"/api/tag/{tag}", {"policy": {people.ids["bob"]: 0, people.ids["carol"]: 3}})["tag"]
    assert changed["policy"] == {people.ids["alice"]: 4, people.ids["carol"]: 3}
    policy = changed["policy"] | {people.ids["bob"]: 0}
    modify = [{"event": "tag_modify"} | about | {"policy": policy}]
    assert people.told() == [modify, modify, modify, []]
    people.owner.delete(f"/api/tag/{tag}")
    gone = [{"event": "tag_delete", "tag": tag}]
    assert people.told() == [gone, [], gone, []]


@pytest.mark.slow
def test_object_from_its_making_to_its_end() -> None:
    people = People()
    one = people.contact()
    assert people.told() == [[people.about(one, event="object_new", tag=[])], [], [], []]
    tag = people.tag(bob=2)
    people.told()
    assert people.owner.post(f"/api/object/{one}/share", {"tag": [tag]}) == {"status": "ok", "tag": [tag]}
    by_alice = {"user": people.ids["alice"]}
    tagged = people.about(one, event="object_tag", tag=[tag], tag_add=[tag], tag_delete=[]) | by_alice
    shared = people.about(one, event="object_share", tag=[tag]) | by_alice
    assert people.told() == [[tagged], [shared], [], []]
    people.reader.post(f"/api/contact/{one}", {"organization": "ACME"})
    modified = [people.about(one, event="object_modify", user=people.ids["bob"])]
    assert people.told() == [modified, modified, [], []]
    people.owner.delete(f"/api/object/{one}")
    deleted = [people.about(one, event="object_delete") | by_alice]
    assert people.told() == [deleted, deleted, [], []]
    assert people.owner.post(f"/api/trash/{one}")["object"]["object"] == one
    again = [people.about(one, event="object_new", tag=[tag])]
    assert people.told() == [again, again, [], []]
    people.owner.post(f"/api/object/{one}/unshare", {"tag": [tag]})
    untagged = people.about(one, event="object_tag", tag=[], tag_add=[], tag_delete=[tag]) | by_alice
    unshared = people.about(one, event="object_unshare") | by_alice
    assert people.told() == [[untagged], [unshared], [], []]
    people.owner.delete(f"/api/contact/{one}")
    people.owner.delete(f"/api/trash/{one}")
    purged = [people.about(one, event="object_delete", **flags) | by_alice for flags in ({}, {"purge": True})]
    assert people.told() == [purged, [], [], []]


@pytest.mark.slow
def test_policy_shares_and_unshares_what_has_the_tag() -> None:
    people = People()
    one, tag = people.contact(), people.tag(bob=1)
    people.owner.post(f"/api/object/{one}/share", {"tag": [tag]})
    people.told()
    people.owner.post(f"/api/tag/{tag}", {"policy": {people.ids["bob"]: 0, people.ids["carol"]: 1}})
    names = [[event["event"] for event in events] for events in people.told()]
    assert names == [["tag_modify"], ["tag_modify", "object_unshare"], ["tag_modify", "object_share"], []]
    people.owner.delete(f"/api/tag/{tag}")
    names = [[event["event"] for event in events] for events in people.told()]
    assert names == [["tag_delete"], [], ["tag_delete", "object_unshare"], []]


@pytest.mark.slow
def test_tag_of_an_object_is_told_to_who_has_access_to_the_tag_and_to_the_object() -> None:
    people = People()
    one, first = people.contact(), people.tag(bob=1)
    people.owner.post(f"/api/object/{one}/share", {"tag": [first]})
    private, shared = people.tag("Private"), people.tag("Shared", bob=1)
    people.told()
    people.owner.post(f"/api/object/{one}/tag", {"tag_add": [private]})
    assert [len(events) for events in people.told()] == [1, 0, 0, 0]
    people.owner.post(f"/api/object/{one}/tag", {"tag_add": [shared], "tag_delete": [private]})
    told = people.told()
    assert told[0] == told[1]
    assert told[0][0]["tag_add"] == [shared]
    assert told[0][0]["tag_delete"] == [private]


@pytest.mark.slow
def test_comments() -> None:
    people = People()
    one, tag = people.contact(), people.tag(bob=1)
    people.owner.post(f"/api/object/{one}/share", {"tag": [tag]})
    people.told()
    path = f"/api/object/{one}/comment"
    comment = people.reader.post(path, {"text": "This is a new comment"})["comment"]
    assert people.owner.get(path) == {"status": "ok", "comment": {comment["comment"]: comment}}
    said = {"comment": comment["comment"], "owner": people.ids["bob"], "object": people.about(one)}
    new = [{"event": "comment_new", "text": "This is a new comment"} | said]
    assert people.told() == [new, new, [], []]
    own = f"{path}/{comment['comment']}"
    assert people.owner.call("POST", own, {"text": "No"})["status"] == "no-access"
    assert people.reader.post(own, {"text": "I changed it"})["comment"]["text"] == "I changed it"
    changed = [{"event": "comment_modify", "text": "I changed it"} | said]
    assert people.told() == [changed, changed, [], []]
    for method in ("GET", "POST", "DELETE"):
        assert people.stranger.call(method, own, {"text": "I, too"})["status"] == "not-found"
    people.owner.delete(own)
    gone = [{"event": "comment_delete"} | said]
    assert people.told() == [gone, gone, [], []]
    assert people.reader.call("GET", own)["status"] == "not-found"


@pytest.mark.slow
def test_comment_on_a_meeting() -> None:
    circle = Circle()
    owner, invitee = (Cospace().signed_in(name) for name in ("alice", "bob"))
    room = str(circle.event.room_id)
    invitee.post(f"/api/object/{room}/comment", {"text": "I bring cake"})
    about = {"object": room, "type": "conference", "owner": str(circle.alice.pk), "description": circle.event.title}
    for client in (owner, invitee):
        told = client.told("comment_new")
        assert [(event["text"], event["object"]) for event in told] == [("I bring cake", about)]


@pytest.mark.slow
def test_user_metadata_reaches_all_sessions_of_the_person() -> None:
    people = People()
    second = Cospace().signed_in("alice")
    update = {"com.otherdomain.client.nice": True, "com.otherdomain.client.timestamp": 1324899645}
    assert people.owner.post("/api/user/metadata", {"update": update})["metadata"] == update
    people.owner.post("/api/user/metadata", {"delete": ["com.otherdomain.client.nice"]})
    expected = [
        {"update": update, "delete": []},
        {"update": {}, "delete": ["com.otherdomain.client.nice"]},
    ]
    assert second.told("user_metadata") == people.owner.told("user_metadata") == expected
    assert second.get("/api/user/metadata")["metadata"] == {"com.otherdomain.client.timestamp": 1324899645}
    assert people.reader.events() == []


@pytest.mark.slow
def test_object_metadata_is_for_who_may_write() -> None:
    people = People()
    one, tag = people.contact(), people.tag(bob=2, carol=1)
    people.owner.post(f"/api/object/{one}/share", {"tag": [tag]})
    people.told()
    path, change = f"/api/object/{one}/metadata", {"update": {"com.example.colour": "red"}}
    assert people.reader.post(path, change)["metadata"] == {"com.example.colour": "red"}
    told = [{"event": "object_metadata", "object": one, "user": people.ids["bob"], "delete": []} | change]
    assert people.told() == [told, told, told, []]
    assert people.other.get(path)["metadata"] == {"com.example.colour": "red"}
    assert people.other.call("POST", path, change)["status"] == "no-access"
    assert people.stranger.call("GET", path)["status"] == "not-found"


@pytest.mark.slow
def test_trash_is_emptied() -> None:
    people = People()
    ones = [people.contact() for _each in range(2)]
    for one in ones:
        people.owner.delete(f"/api/object/{one}")
    people.told()
    found = people.owner.get("/api/trash")["object"]
    assert list(found) == ones[::-1]
    assert found[ones[0]].keys() == {
        "object", "type", "owner", "description", "tag", "create_time", "modify_time", "delete_time",
    }  # fmt: skip
    assert list(people.owner.get("/api/trash", first=1, count=1)["object"]) == ones[:1]
    assert people.owner.get(f"/api/trash/{ones[0]}")["object"] == found[ones[0]]
    assert people.reader.call("GET", f"/api/trash/{ones[0]}")["status"] == "not-found"
    people.owner.delete("/api/trash")
    assert people.told() == [[{"event": "trash_purge"}], [], [], []]
    assert people.owner.get("/api/trash")["object"] == {}


def test_contact_with_all_its_data() -> None:
    people = People()
    line = [{"label": "work", "value": "+49 30 123"}]
    given = NAME | {
        "organization": "ACME",
        "numbers": line,
        "emails": [{"value": "hans@example.org"}],
        "addresses": [{"label": "home", "value": "Musterstraße 1\n10115 Berlin"}],
        "note": "met in Köln",
    }
    told = people.owner.post("/api/contact", given)["contact"]
    one = told["object"]
    expected = given | {"emails": [{"label": "", "value": "hans@example.org"}]}
    assert {name: told[name] for name in given} == expected
    assert people.owner.get("/api/contact")["contact"] == {one: told}
    assert people.owner.post(f"/api/contact/{one}", {"note": ""})["contact"]["note"] == ""
    assert people.stranger.call("GET", f"/api/contact/{one}")["status"] == "not-found"


@pytest.mark.slow
def test_built_in_tag_has_everything_and_stays_as_it_is() -> None:
    circle = Circle()
    owner, room = Cospace().signed_in("alice"), str(circle.event.room_id)
    everything = owner.get("/api/user")["user"]["tag_all"]
    one = owner.post("/api/contact", NAME)["contact"]["object"]
    own = {"tag": everything, "owner": str(circle.alice.pk), "label": "", "foreign_use": False}
    assert owner.get(f"/api/tag/{everything}")["tag"] == own | {"policy": {str(circle.alice.pk): 4}}
    path = f"/api/tag/{everything}/object"
    assert list(owner.get(path)["object"]) == [one, room]
    assert list(owner.get(path, filter="conference")["object"]) == [room]
    assert list(owner.get(path, filter="contact")["object"]) == [one]
    assert list(owner.get(path, first=1)["object"]) == [room]
    assert owner.get(path, filter="fax")["object"] == {}
    # With a row of its own the room is there once.
    owner.post(f"/api/object/{room}/comment", {"text": "Cake"})
    assert list(owner.get(path)["object"]) == [one, room]
    for method in ("POST", "DELETE"):
        assert owner.call(method, f"/api/tag/{everything}", {"label": "Mine"})["status"] == "no-access"
    assert owner.call("POST", f"/api/object/{one}/share", {"tag": [everything]})["status"] == "not-found"
    assert Cospace().signed_in("bob").call("GET", path)["status"] == "not-found"
    assert everything == str(tag_all(circle.alice))


@pytest.mark.slow
def test_objects_of_a_tag_are_for_who_has_access_to_it() -> None:
    people = People()
    ones, tag = [people.contact() for _each in range(3)], people.tag(bob=1)
    for one in ones:
        people.owner.post(f"/api/object/{one}/share", {"tag": [tag]})
    path = f"/api/tag/{tag}/object"
    assert list(people.reader.get(path)["object"]) == ones[::-1]
    assert list(people.reader.get(path, count=2, filter="contact")["object"]) == [ones[2], ones[1]]
    assert people.reader.get(path, filter="fax")["object"] == {}
    assert people.stranger.call("GET", path)["status"] == "not-found"
    assert people.reader.call("DELETE", f"/api/tag/{tag}")["status"] == "no-access"
    assert list(people.reader.get("/api/tag")["tag"]) == [tag]
    assert people.stranger.get("/api/tag")["tag"] == {}


@pytest.mark.slow
def test_people_of_other_tenants_are_out_of_reach() -> None:
    people = People()
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    client, one, tag = Cospace().signed_in("foreigner"), people.contact(), people.tag()
    answer = people.owner.call("POST", "/api/tag", {"label": "x", "policy": {str(foreigner.pk): 1}})
    assert (answer["status"], str(foreigner.pk) in answer["message"]) == ("wrong-syntax", True)
    for path in (f"/api/object/{one}", f"/api/tag/{tag}", f"/api/object/{one}/comment", f"/api/contact/{one}"):
        assert client.call("GET", path)["status"] == "not-found"
    assert client.events() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("tag", {}, "missing-element"),
        ("tag", {"label": ""}, "wrong-syntax"),
        ("tag", {"label": "x" * 256}, "wrong-syntax"),
        ("tag", {"label": "a\0b"}, "wrong-syntax"),
        ("tag", {"label": 7}, "wrong-syntax"),
        ("tag", {"label": "x", "foreign_use": "yes"}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": []}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": {"nobody": 1}}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": {str(uuid.UUID(int=1)): 1}}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": {str(uuid.UUID(int=1)): 9}}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": {str(uuid.UUID(int=1)): 10**30}}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": {str(uuid.UUID(int=1)): True}}, "wrong-syntax"),
        ("tag", {"label": "x", "policy": {str(uuid.UUID(int=n)): 1 for n in range(501)}}, "wrong-syntax"),
        ("tag", [], "wrong-syntax"),
        ("tag", b'{"label": "\\ud800"}', "wrong-syntax"),
        ("object/{one}/share", {}, "missing-element"),
        ("object/{one}/share", {"tag": []}, "wrong-syntax"),
        ("object/{one}/share", {"tag": ["x"]}, "wrong-syntax"),
        ("object/{one}/share", {"tag": [str(uuid.UUID(int=1))]}, "not-found"),
        ("object/{one}/share", {"tag": [str(uuid.UUID(int=n)) for n in range(101)]}, "wrong-syntax"),
        ("object/{one}/tag", {"tag_add": {}}, "wrong-syntax"),
        ("object/{one}/comment", {}, "missing-element"),
        ("object/{one}/comment", {"text": ""}, "wrong-syntax"),
        ("object/{one}/comment", {"text": "x" * 4097}, "wrong-syntax"),
        ("object/{one}/comment", {"text": "\0"}, "wrong-syntax"),
        ("object/{one}/metadata", {"update": []}, "wrong-syntax"),
        ("object/{one}/metadata", {"delete": "com.example"}, "wrong-syntax"),
        ("user/metadata", {"update": {"nice": 1}}, "wrong-syntax"),
        ("user/metadata", {"update": {"com.nice": None}}, "missing-element"),
        ("user/metadata", {"update": {"com.nice": "\0"}}, "wrong-syntax"),
        ("user/metadata", {"update": {f"com.n{n}": 1 for n in range(101)}}, "wrong-syntax"),
        ("contact", {}, "missing-element"),
        ("contact", {"given_name": "x" * 256}, "wrong-syntax"),
        ("contact", {"organization": "x", "emails": [{"value": "nobody"}]}, "wrong-syntax"),
        ("contact", {"organization": "x", "numbers": [{"value": "1"}] * 21}, "wrong-syntax"),
        ("contact", {"organization": "x", "numbers": [{}]}, "missing-element"),
        ("contact", {"organization": "x", "note": "x" * 4097}, "wrong-syntax"),
    ],
)
@pytest.mark.slow
def test_bad_input_is_refused_by_name(path: str, body: Any, status: str) -> None:
    factories.user("alice")
    client = Cospace().signed_in("alice")
    one = client.post("/api/contact", NAME)["contact"]["object"] if "{one}" in path else ""
    answer = client.call("POST", f"/api/{path.format(one=one)}", body)
    assert answer["status"] == status, answer


@pytest.mark.parametrize("query", [{"count": 0}, {"count": 501}, {"first": -1}, {"first": "x"}, {"count": 10**30}])
@pytest.mark.slow
def test_pages_are_bounded(query: dict[str, Any]) -> None:
    factories.user("alice")
    client = Cospace().signed_in("alice")
    for path in ("tag", "trash", "contact"):
        assert client.call("GET", f"/api/{path}", query=query)["status"] == "wrong-syntax"


@pytest.mark.slow
def test_lists_cost_the_same_however_long_they_are() -> None:
    alice = factories.user("alice")
    client = Cospace().signed_in("alice")
    everything = str(tag_all(alice))
    tag = client.post("/api/tag", {"label": "Friends"})["tag"]["tag"]
    counts = []
    for number in (1, 4):
        for _each in range(number):
            factories.event(alice)
            contact = create_contact(owner=alice, actor=Actor.by_api(alice), **NAME)
            client.post(f"/api/object/{contact.pk}/share", {"tag": [tag]})
            client.post("/api/tag", {"label": "More"})
            client.post(f"/api/object/{contact.pk}/comment", {"text": "Cake"})
        paths = ("tag", f"tag/{tag}/object", f"tag/{everything}/object", "contact", f"object/{contact.pk}/comment")
        with CaptureQueriesContext(connection) as statements:
            for path in paths:
                client.get(f"/api/{path}")
        counts.append(len(statements))
    assert counts[0] == counts[1] < 40
