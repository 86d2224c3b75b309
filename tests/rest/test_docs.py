"""The OpenAPI document and the page that shows it."""

import re
from itertools import chain

import pytest
from django.test import Client as Browser

pytestmark = pytest.mark.django_db


def test_document_is_openapi_3_1():
    answer = Browser().get("/v1/openapi.json")
    assert answer["Content-Type"] == "application/json"
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "OpenTalk Site"
    assert not [path for path in document["paths"] if path.startswith(("/v1/docs", "/v1/openapi"))]


def test_document_says_how_to_sign_in():
    schemes = Browser().get("/v1/openapi.json").json()["components"]["securitySchemes"]
    assert schemes == {
        "signIn": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "http://127.0.0.1:8000/oidc/authorize/",
                    "tokenUrl": "http://127.0.0.1:8000/oidc/token/",
                    "scopes": {
                        "openid": "Sign in",
                        "profile": "Name and language",
                        "email": "E-mail address",
                        "spark-compliance:events_read": "Read the log of the organization",
                        "spark-compliance:webhooks_read": "Read the webhooks of the organization",
                        "spark-compliance:webhooks_write": "Create and change webhooks of the organization",
                    },
                }
            },
        },
        "guestCode": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`InviteCode <guest code>`",
        },
        "service": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token that a service got for itself (client credentials), with the role it needs",
        },
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "One of the application's API keys, which staff create",
        },
    }


def test_page_offers_the_sign_in_first():
    """Swagger UI keeps the order of the document."""
    assert next(iter(Browser().get("/v1/openapi.json").json()["components"]["securitySchemes"])) == "signIn"


def test_errors_are_described_once():
    document = Browser().get("/v1/openapi.json").json()
    answers = document["components"]["responses"]
    used = {
        (status, answer["$ref"].rpartition("/")[2])
        for path in document["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if status >= "400"
    }
    assert {name for _status, name in used} == set(answers)
    assert len(used) == len(answers)


def test_operations_that_need_a_token_may_lack_the_keys_to_check_it():
    paths = Browser().get("/v1/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    need_token = [
        operation["operationId"] for operation in operations if {"signIn", "service"} & {*chain(*operation["security"])}
    ]
    may_lack_keys = [operation["operationId"] for operation in operations if "503" in operation["responses"]]
    # Where a token is no more than welcome, one that cannot be checked counts as none.
    assert set(may_lack_keys) == {*need_token, "login_post", "logout_post"} - {"startInvited_post"}


def test_page_loads_only_own_files():
    html = Browser().get("/v1/docs").content.decode()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert len(addresses) == 5
    own = ("/static/drf_spectacular_sidecar/", "/static/docs.js", "/v1/docs")
    assert all(address.startswith(own) for address in addresses)
    assert not re.search(r"<script>|<style", html)


def test_page_script_knows_the_client_and_no_foreign_host():
    answer = Browser().get("/v1/docs?script=")
    assert answer["Content-Type"].startswith("application/javascript")
    script = answer.content.decode()
    assert '"clientId": "ApiDocs"' in script
    assert '"validatorUrl": null' in script
    assert '"oauth2RedirectUrl": "http://127.0.0.1:8000/v1/docs/oauth2-redirect.html"' in script
    assert set(re.findall(r"https?://[^/\"]+", script)) == {"http://127.0.0.1:8000"}


def test_sign_in_returns_to_the_file_that_reports_the_code():
    answer = Browser().get("/v1/docs/oauth2-redirect.html?code=abc&state=x%3D")
    assert answer.url.endswith("swagger-ui-dist/oauth2-redirect.html?code=abc&state=x%3D")
    page = Browser().get(answer.url)
    assert b"oauth2-redirect.js" in page.getvalue()
    page.close()


def test_sign_in_window_of_another_issuer_may_report_back(settings):
    settings.OIDC_IS_EMBEDDED = False
    assert Browser().get("/v1/docs")["Cross-Origin-Opener-Policy"] == "unsafe-none"


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/docs", "/v1/docs?script=", "/v1/docs/oauth2-redirect.html"])
def test_what_describes_the_api_can_be_switched_off(settings, path):
    assert Browser().get(path).status_code in {200, 302}
    settings.OPENAPI = False
    answer = Browser().get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["documentation_url"] == ""
