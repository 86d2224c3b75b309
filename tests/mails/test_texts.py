"""Subject, text and HTML of mails, whole: each kind about the richest meeting, one kind about each shape."""

import pytest
from django.conf import settings

from mailer.kinds import OF_MEETINGS
from mailer.preview import part, rendered, sample_mail
from mailer.samples import SHAPES
from tests.goldens import assert_golden, assert_no_others
from tests.mailer.test_html_rules import check
from tests.mails.answers_sample import answers_sample

LANGUAGES = [code for code, _name in settings.LANGUAGES]
RICHEST, TOLD = "recurring", "registered_event_update"
CASES = sorted({(kind, RICHEST) for kind in OF_MEETINGS} | {(TOLD, shape) for shape in SHAPES})


@pytest.fixture(autouse=True)
def places(settings) -> None:
    settings.FRONTEND_URL = "https://meet.example.com"
    settings.MAIL_SUPPORT_ADDRESS = "help@example.com"
    settings.MAIL_DATA_PROTECTION_URL = "https://example.com/privacy"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "shape"), CASES)
def test_texts(kind: str, shape: str, language: str) -> None:
    mail = sample_mail(kind, shape, language)
    assert_golden(f"txt/{kind}.{shape}.{language}.txt", f"{mail.subject}\n\n{mail.body}")
    assert_golden(f"html/{kind}.{shape}.{language}.html", part(mail, "html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_about_answers(language: str) -> None:
    mail = rendered(answers_sample(language), language)
    assert_golden(f"txt/answers_digest.{language}.txt", f"{mail.subject}\n\n{mail.body}")
    html = part(mail, "html").decode()
    check(html)
    assert_golden(f"html/answers_digest.{language}.html", html)


def test_each_file_is_the_text_of_a_mail() -> None:
    for form in ("txt", "html"):
        names = {f"{form}/{kind}.{shape}.{code}.{form}" for kind, shape in CASES for code in LANGUAGES}
        names |= {f"{form}/answers_digest.{code}.{form}" for code in LANGUAGES}
        assert_no_others(f"{form}/*", names)
