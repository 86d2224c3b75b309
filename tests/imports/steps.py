"""An import as staff go through it in a browser."""

import io
from typing import Any

from django.test import Client

from imports.models import Import, ImportRow


def csv_file(*lines: str, name: str = "list.csv") -> io.BytesIO:
    file = io.BytesIO("\r\n".join(lines).encode())
    file.name = name
    return file


def upload(browser: Client, path: str, *lines: str, **fields: Any) -> Import:
    """The list, after its first look."""
    answer = browser.post(f"/admin/imports/import/new/{path}/", {"file": csv_file(*lines)} | fields)
    assert answer.status_code == 302, [form.errors for form in [answer.context["form"]]]
    return Import.objects.get(pk=answer["Location"].split("/")[-3])


def press(browser: Client, job: Import, button: str) -> Any:
    return browser.post(f"/admin/imports/import/{job.pk}/change/", {button: "1"})


def page_of(browser: Client, job: Import, query: str = "") -> str:
    answer = browser.get(f"/admin/imports/import/{job.pk}/change/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def found(job: Import) -> list[tuple[int, str, list[list[str]]]]:
    """(number, state, problems) of each row."""
    return list(ImportRow.objects.filter(job=job).order_by("number").values_list("number", "state", "problems"))
