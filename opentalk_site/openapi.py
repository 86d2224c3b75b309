"""How the OpenAPI document and its page are made: the settings of drf-spectacular."""

from typing import Any


def document(*, base_url: str, client_id: str) -> dict[str, Any]:
    """`client_id` is who signs in on the page."""
    return {
        "TITLE": "OpenTalk Site",
        "DESCRIPTION": "Meetings, invitations and the people in them: the OpenTalk controller's REST API.",
        "VERSION": "1",
        "CONTACT": {"name": "Whoever runs this site"},
        "LICENSE": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        "SERVERS": [{"url": "/"}],
        "OAS_VERSION": "3.1.0",
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
        "SERVE_AUTHENTICATION": [],
        "SCHEMA_PATH_PREFIX": r"/v1",
        "COMPONENT_SPLIT_REQUEST": True,
        "COMPONENT_SPLIT_PATCH": False,  # what a change may leave out, its own serializer says
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "rest.examples.add_examples",
            "rest.schema.sign_in_first",
            "rest.schema.add_tags",
        ],
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "SWAGGER_UI_SETTINGS": {
            "deepLinking": True,
            "persistAuthorization": True,
            "displayRequestDuration": True,
            "validatorUrl": None,  # would send the document's address to a foreign host
            "oauth2RedirectUrl": f"{base_url}/v1/docs/oauth2-redirect.html",
        },
        "SWAGGER_UI_OAUTH2_CONFIG": {
            "clientId": client_id,
            "usePkceWithAuthorizationCodeGrant": True,
            "scopes": "openid profile email",
        },
        "ENUM_NAME_OVERRIDES": {
            "InviteStatus": "invites.models.Status",
            "InviteAnswer": ["accepted", "tentative", "declined"],
            "ProfileKind": ["registered", "unregistered", "email"],
            "FoundUserKind": ["registered", "unregistered"],
            "StreamingKind": "rooms.models.StreamingTarget.Kind",
            "EventType": ["single", "recurring"],
            "InstanceStatus": ["ok", "cancelled"],
            "InviteRole": ["user", "guest", "moderator"],
            "WebhookStatus": ["active", "inactive"],
            "WebhookOwner": "integrations.webex.models.Webhook.OwnedBy",
            "WebhookResourceName": "integrations.webex.words.RESOURCES",
            "WebhookEventName": "integrations.webex.words.EVENTS",
        },
    }
