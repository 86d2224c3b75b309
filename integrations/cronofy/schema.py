"""How the API's OpenAPI document describes API keys."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApplicationScheme(OpenApiAuthenticationExtension):
    target_class = "integrations.cronofy.authentication.ApplicationAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        text = "One of the application's API keys, which staff create"
        return {"type": "http", "scheme": "bearer", "description": text}
