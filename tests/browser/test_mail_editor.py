"""The editor of a tenant's texts in a browser: the mail beside it follows what is written."""

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_mail_beside_the_editor_follows_what_is_written(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.site.url}/admin/mailer/mailtemplate/")
    visit.sign_in(page, "admin")
    page.wait_for_url("**/mailtemplate/")
    page.locator("#result_list td a").first.click()
    frame = page.frame_locator("iframe[name=mail_preview]")
    frame.get_by_role("heading", name="Invitation: Budget 2027").first.wait_for()
    page.get_by_label("Subject:").fill("Come along: {{ title }}")
    frame.get_by_role("heading", name="Come along: Budget 2027: A & B").wait_for()
    frame.frame_locator("iframe").get_by_text("Join the meeting").wait_for()
    visit.picture("mail-editor")
    page.get_by_label("Text:").fill("{{ nobody }}")
    frame.get_by_text("“nobody” is no placeholder here.").wait_for()
    page.get_by_label("Text:").fill("{{ details }}")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: new mails are sent with this text.").wait_for()
    assert visit.complaints == []
