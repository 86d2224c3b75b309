"""Staff see which folders the file service has not deleted yet, and why."""

import pytest
from django.test import Client as Browser

from events.models import FolderDeletion
from operations.tasks import run_job
from tests import factories
from tests.circle import Circle
from tests.events.nextcloud import NextcloudServer

pytestmark = pytest.mark.django_db
PATH = "/admin/events/folderdeletion/"


@pytest.fixture
def staff() -> Browser:
    browser = Browser()
    browser.force_login(factories.staff())
    return browser


@pytest.fixture
def owed(cloud: NextcloudServer) -> FolderDeletion:
    """Of an event that went while the file service did not delete."""
    circle = Circle()
    circle.api("creator").request("PUT", f"{circle.path}/shared_folder")
    cloud.failing = {"DELETE": 507}
    circle.api("creator").delete(circle.path)
    return FolderDeletion.objects.get()


@pytest.mark.slow
def test_deletion_that_was_not_tried_yet_waits(staff: Browser, owed: FolderDeletion) -> None:
    page = staff.get(PATH).content.decode()
    assert owed.path in page
    assert '<td class="field-state">waiting</td>' in page


@pytest.mark.slow
def test_deletion_that_failed_says_why(staff: Browser, owed: FolderDeletion) -> None:
    run_job("sync-shared-folders")
    for path in (PATH, f"{PATH}{owed.pk}/change/"):
        page = staff.get(path).content.decode()
        assert "failed, will be retried" in page
        assert "507" in page


@pytest.mark.slow
def test_deletion_is_found_by_the_events_id(staff: Browser, owed: FolderDeletion) -> None:
    event_id = owed.path.rpartition("opentalk-event-")[2]
    assert owed.path in staff.get(PATH, {"q": event_id[:36]}).content.decode()
    assert owed.path not in staff.get(PATH, {"q": "497f6eca-6276-4993-bfeb-53cbbbba6f08"}).content.decode()


def test_nobody_changes_it(staff: Browser, owed: FolderDeletion) -> None:
    assert staff.get(f"{PATH}add/").status_code == 403
    assert staff.post(f"{PATH}{owed.pk}/change/", {"path": ""}).status_code == 403
    assert staff.post(f"{PATH}{owed.pk}/delete/", {"post": "yes"}).status_code == 403
