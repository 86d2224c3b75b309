"""Staff find rooms and see how they are set, not what opens them."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.circle import Circle

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def test_room_is_found_by_its_id_and_its_creators_address(staff: Client) -> None:
    circle = Circle()
    other = factories.event(factories.user("carl"))
    for text in (str(circle.event.room_id), "alice@example.com"):
        page = staff.get(reverse("admin:rooms_room_changelist"), {"q": text}).content.decode()
        assert str(circle.event.room_id) in page
        assert str(other.room_id) not in page


@pytest.mark.slow
def test_page_shows_no_way_in_and_changes_nothing(staff: Client) -> None:
    circle = Circle(password="open sesame", waiting_room=True, streaming_targets=[factories.STREAM])
    code = circle.api("creator").post(f"{circle.room_path}/invites", {}).json()["invite_code"]
    config = circle.event.room.sip_config
    page = staff.get(reverse("admin:rooms_room_change", args=[circle.event.room_id]))
    assert page.status_code == 200
    for secret in ("open sesame", "s3cr3t", code, config.password, config.sip_id):
        assert secret not in page.content.decode()
    for name in ("delete", "change"):
        path = reverse(f"admin:rooms_room_{name}", args=[circle.event.room_id])
        assert staff.post(path, {"post": "yes", "waiting_room": ""}).status_code == 403
    assert circle.api("creator").get(circle.room_path).json()["waiting_room"] is True
