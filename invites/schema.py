"""How the API's OpenAPI document describes guest codes."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class InviteCodeScheme(OpenApiAuthenticationExtension):
    target_class = "invites.authentication.InviteCodeAuthentication"
    name = "guestCode"
    match_subclasses = True

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`InviteCode <guest code>`"}
