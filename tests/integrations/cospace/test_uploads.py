"""Faxes and announcements: made, uploaded, converted, told, saved, deleted; and who may do what."""

from typing import Any

import pytest
from django.test import Client as Browser

from integrations.objects.conversion import run
from integrations.objects.conversion.findings import Finding
from integrations.objects.models import Content
from integrations.objects.services import uploads
from tests.integrations.cospace.client import STREAMS, Cospace
from tests.integrations.cospace.media import People, disk, people
from tests.integrations.objects.conftest import Uploads
from tests.integrations.objects.media import PDF
from tests.rooms.assets import set_quota

__all__ = ["disk", "people"]
pytestmark = STREAMS
NOWHERE = "00000000-0000-4000-8000-000000000000"


def convert(found: Finding) -> None:
    claimed = run.claim()
    assert claimed is not None
    run.finish(claimed, found)


def send(client: Cospace, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
    return Browser().generic(
        method, path, body, "application/pdf", headers={"Authorization": f"Bearer {client.sid}"} | headers
    )


def test_fax_from_its_making_to_its_end(disk: Uploads, people: People) -> None:
    fax = people.owner.post("/api/fax", {"description": "Offer"})["fax"]
    owner = str(people.alice.pk)
    told = {"object": fax, "type": "fax", "owner": owner, "description": "Offer"}
    assert people.owner.told("object_new") == [told | {"tag": []}]
    people.owner.put(f"/api/fax/{fax}/content?filename=offer.pdf", b"12345")
    assert people.owner.names() == []
    convert(PDF)
    assert people.owner.told("fax_convert") == [{"fax": fax, "page_count": 5}]
    found = people.owner.get(f"/api/fax/{fax}")["fax"]
    times = {name: found.pop(name) for name in ("create_time", "modify_time", "upload_time")}
    assert all(isinstance(time, int) for time in times.values())
    md5 = "827ccb0eea8a706c4c34a16891f84e7b"
    about = {"owner": owner, "description": "Offer", "tag": [], "size": 5, "md5": md5, "convert": "done"}
    about |= {"filename": "offer.pdf", "mime_type": "application/pdf", "page_count": 5}
    assert found == {"fax": fax, "report": {}} | about
    assert people.owner.get("/api/fax")["fax"] == {fax: about | times}
    people.owner.post(f"/api/fax/{fax}", {"description": "Order"})
    assert people.owner.told("object_modify")[0]["description"] == "Order"
    people.owner.delete(f"/api/fax/{fax}")
    assert people.owner.names() == ["object_delete"]
    assert people.owner.call("GET", f"/api/fax/{fax}")["status"] == "not-found"
    assert people.owner.get("/api/fax")["fax"] == {}


def test_failed_conversion_is_told_without_pages(disk: Uploads, people: People) -> None:
    fax = people.shared("fax")
    people.owner.put(f"/api/fax/{fax}/content", b"12345")
    convert(Finding(problem="damaged"))
    assert people.told("fax_convert") == [{"fax": fax}]
    found = people.owner.get(f"/api/fax/{fax}")["fax"]
    assert (found["convert"], found["problem"]) == ("failed", "damaged")


@pytest.mark.slow
def test_announcement_is_told_with_its_success(disk: Uploads, people: People) -> None:
    announcement = people.shared("announcement", description="Please wait")
    people.owner.put(f"/api/announcement/{announcement}/content", b"12345")
    convert(Finding(mime_type="audio/wav"))
    assert people.told("announcement_convert") == [{"announcement": announcement, "success": True}]
    people.owner.put(f"/api/announcement/{announcement}/content", b"67890")
    convert(Finding(problem="format"))
    assert people.told("announcement_convert") == [{"announcement": announcement}]


@pytest.mark.slow
def test_content_is_saved_whole_and_in_ranges(disk: Uploads, people: People) -> None:
    fax = people.shared("fax")
    path = f"/api/fax/{fax}/content"
    assert people.reader.call("GET", path)["status"] == "not-found"
    people.owner.put(f"{path}?filename=offer.pdf", b"0123456789")
    answer = send(people.reader, "GET", path)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"0123456789")
    assert answer["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    part = send(people.reader, "GET", path, Range="bytes=2-4")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"234")
    again = send(people.reader, "GET", path, **{"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    people.owner.put(path, b"another")
    other = send(people.reader, "GET", path)
    assert (other["ETag"] != answer["ETag"], b"".join(other.streaming_content)) == (True, b"another")


@pytest.mark.slow
def test_who_may_do_what(disk: Uploads, people: People) -> None:
    fax = people.shared("fax")
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/api/fax/{fax}", None),
        ("POST", f"/api/fax/{fax}", {"description": "x"}),
        ("PUT", f"/api/fax/{fax}/content", b"1"),
        ("DELETE", f"/api/fax/{fax}", None),
    ]
    seen = {
        name: [client.call(*call)["status"] for call in calls]
        for name, client in (("reader", people.reader), ("stranger", people.stranger), ("nobody", Cospace().begin()))
    }
    assert seen == {
        "reader": ["ok", "no-access", "no-access", "no-access"],
        "stranger": ["not-found"] * 4,
        "nobody": ["no-auth"] * 4,
    }
    assert people.owner.call("GET", f"/api/announcement/{fax}")["status"] == "not-found"
    assert people.owner.call("GET", f"/api/fax/{NOWHERE}")["status"] == "not-found"


def test_upload_that_is_refused_says_why(disk: Uploads, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/fax/{people.shared('fax')}/content"
    empty = people.owner.call("PUT", path)
    assert (empty["status"], "Content-Length" in empty["message"]) == ("fail", True)
    set_quota(people.alice, max_storage=4)
    assert people.owner.call("PUT", path, b"12345") == {
        "status": "fail", "message": "Storage quota has been exceeded"
    }  # fmt: skip
    monkeypatch.setattr(uploads, "MOST_BYTES", 3)
    assert people.owner.call("PUT", path, b"1234") == {"status": "fail", "message": "The request body is too large"}
    assert people.owner.call("PUT", f"{path}?filename={'x' * 300}", b"1")["status"] == "wrong-syntax"
    assert (disk.names(), Content.objects.count()) == ([], 0)


@pytest.mark.parametrize("body", [b"{", b'{"description": 5}', b'{"description": "\\u0000"}', b'["x"]'])
def test_bad_bodies_are_wrong_syntax(disk: Uploads, people: People, body: bytes) -> None:
    assert people.owner.call("POST", "/api/fax", body)["status"] == "wrong-syntax"
    assert people.owner.names() == []


@pytest.mark.slow
def test_lists_come_in_pages_and_cost_the_same_however_long(
    disk: Uploads, people: People, django_assert_num_queries: Any
) -> None:
    faxes = [people.owner.post("/api/fax", {"description": str(number)})["fax"] for number in range(3)]
    assert list(people.owner.get("/api/fax", count=2)["fax"]) == [faxes[2], faxes[1]]
    assert list(people.owner.get("/api/fax", count=2, first=2)["fax"]) == [faxes[0]]
    assert people.owner.call("GET", "/api/fax", query={"count": 0})["status"] == "wrong-syntax"
    assert people.owner.call("GET", "/api/fax", query={"first": 10**30})["status"] == "wrong-syntax"
    with django_assert_num_queries(3):  # session, faxes, tags
        people.owner.get("/api/fax")
