"""What a tenant's mails show of whom they are from: its name, picture, colour, support and legal links."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from activity.models import Activity
from mailer.branding import Brand, InvalidColourError, brand_of, check_accent
from mailer.colours import READABLE, contrast, lightened
from mailer.models import MailBranding
from mailer.preview import part, rendered
from mailer.samples import sample
from tests import factories
from tests.mailer.test_branding import png
from tests.mailer.test_html_rules import Colours, check
from tests.mailer.test_html_rules import contrast as measured

pytestmark = pytest.mark.django_db
ADD = "/admin/mailer/mailbranding/add/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def fields(**more: Any) -> dict[str, Any]:
    return {
        "tenant": str(factories.tenant("city").pk),
        "product_name": "City Meetings",
        "accent": "#7A1F5C",
        "support_address": "help@city.example.org",
        "imprint_url": "https://city.example.org/imprint",
        "data_protection_url": "https://city.example.org/privacy",
    } | more


def mail_of(name: str) -> Any:
    message = sample("registered_event_invite", "single", "en")
    return rendered(message, "en", tenant_id=factories.tenant(name).pk)


def test_mails_of_the_tenant_show_it_and_others_do_not(admin: Client) -> None:
    logo = SimpleUploadedFile("logo.png", png(300, 60), "image/png")
    assert admin.post(ADD, fields(picture=logo)).status_code == 302
    mail = mail_of("city")
    html, text = part(mail, "html").decode(), part(mail, "txt").decode()
    assert 'alt="City Meetings" width="160" height="32"' in html
    assert mail.from_email == '"Dr. Ada Weber via City Meetings" <no-reply@127.0.0.1>'
    assert "#0b5c8a" not in html
    assert "background-color:#7a1f5c" in html
    for shown in ("help@city.example.org", "https://city.example.org/imprint", "https://city.example.org/privacy"):
        assert shown in html
        assert shown in text
    check(html)
    other = part(mail_of("other"), "html").decode()
    assert "city" not in other.lower()
    assert "#7a1f5c" not in other


def test_what_is_left_open_is_as_the_settings_say(settings: Any) -> None:
    settings.MAIL_SUPPORT_ADDRESS, settings.MAIL_IMPRINT_URL = "site@example.org", "https://example.org/imprint"
    tenant = factories.tenant("city")
    MailBranding.objects.create(tenant=tenant, product_name="City")
    brand = brand_of(tenant.pk)
    assert brand == Brand(
        "City",
        from_email="City <no-reply@127.0.0.1>",
        support_address="site@example.org",
        imprint_url="https://example.org/imprint",
    )
    assert brand_of(None).name == brand_of(factories.tenant("other").pk).name == "OpenTalk"


@pytest.mark.parametrize("accent", ["#7a1f5c", "#0b5c8a", "#b3261e", "#00695c"])
def test_every_accent_that_is_taken_can_be_read(accent: str) -> None:
    check_accent(accent)
    MailBranding.objects.create(tenant=factories.tenant("city"), accent=accent)
    html = part(mail_of("city"), "html").decode()
    for front, back in Colours(html).pairs:
        assert measured(front, back) >= READABLE
    (dark,) = re.findall(r"\n\.link \{ color: (#[0-9a-f]{6}) !important; border-color: \1 !important; \}", html)
    assert measured(dark, "#1d252d") >= READABLE


@pytest.mark.parametrize(
    ("accent", "complaint"),
    [
        ("red", "A colour is # and six digits of 0-9 and a-f."),
        ("#0B5C8A;}", "A colour is # and six digits of 0-9 and a-f."),
        ("#ffcc00", "Cannot be read on white: the contrast is 1.5, and has to be 4.5."),
        ("#0000ff", "Cannot be read where dark mode is forced: the contrast is 2.4, and has to be 4.5."),
    ],
)
def test_colour_that_cannot_be_read_is_refused(accent: str, complaint: str) -> None:
    with pytest.raises(InvalidColourError) as refused:
        check_accent(accent)
    assert str(refused.value) == complaint


def test_any_colour_becomes_readable_in_the_dark() -> None:
    for colour in ("#000000", "#0000ff", "#7a1f5c", "#ffffff"):
        assert contrast(lightened(colour, "#1d252d"), "#1d252d") >= READABLE


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"accent": "#ffcc00"}, "Cannot be read on white"),
        ({"imprint_url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"data_protection_url": "ftp://example.org/x"}, "Enter a valid URL."),
        ({"support_address": "nobody"}, "Enter a valid email address."),
        ({"picture": SimpleUploadedFile("x.png", b"GIF89a" + bytes(30))}, "The file is not a PNG."),
        ({"picture": SimpleUploadedFile("x.png", png(1, 1, size=200_000))}, "has more than 102400 bytes"),
        ({"picture": SimpleUploadedFile("x.png", png(2001, 1))}, "is wider or higher than 2000 pixels"),
        ({"picture": SimpleUploadedFile("x.png", png(9, 9)[:-4])}, "is not a whole PNG"),
    ],
)
def test_what_cannot_stand_in_a_mail_is_refused(admin: Client, more: dict[str, Any], complaint: str) -> None:
    answer = admin.post(ADD, fields(**more))
    assert answer.status_code == 200
    assert complaint in answer.content.decode()
    assert not MailBranding.objects.exists()


def test_name_is_one_line_of_text_wherever_it_stands(admin: Client) -> None:
    admin.post(ADD, fields(product_name='<b>"City"</b>\r\nBcc: eve@example.org'))
    mail = mail_of("city")
    assert mail.message()["From"].count("\n") == 0
    assert "<b>" not in part(mail, "html").decode()
    assert "Bcc" not in mail.message()


@pytest.mark.slow
def test_changes_are_recorded_and_the_picture_can_go(admin: Client) -> None:
    admin.post(ADD, fields(picture=SimpleUploadedFile("logo.png", png(300, 60))))
    page = f"/admin/mailer/mailbranding/{factories.tenant('city').pk}/change/"
    assert "160 × 32 pixels in mails" in admin.get(page).content.decode()
    assert admin.post(page, fields(product_name="City", removes_picture="on", accent="#7a1f5c")).status_code == 302
    assert MailBranding.objects.get().logo is None
    found = Activity.objects.filter(subject_type="mailbranding").order_by("position")
    assert [(row.kind, row.tenant_id, row.changes) for row in found] == [
        ("setup.created", factories.tenant("city").pk, {}),
        ("setup.updated", factories.tenant("city").pk, {
            "product_name": ["City Meetings", "City"],
            "removes_picture": [None, True],
        }),
    ]  # fmt: skip


def test_spoilt_picture_does_not_hold_up_mails() -> None:
    MailBranding.objects.create(tenant=factories.tenant("city"), logo=b"spoilt")
    assert brand_of(factories.tenant("city").pk).logo is None


def test_a_tenant_that_goes_takes_its_branding_along(admin: Client) -> None:
    MailBranding.objects.create(tenant=factories.tenant("city"), product_name="City")
    answer = admin.post(f"/admin/users/tenant/{factories.tenant('city').pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not MailBranding.objects.exists()
