"""How the API's OpenAPI document describes sign-in."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.BearerAuthentication"
    name = "signIn"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        if not settings.OIDC_IS_EMBEDDED:
            url = f"{settings.OIDC_FRONTEND_ISSUER}/.well-known/openid-configuration"
            return {"type": "openIdConnect", "openIdConnectUrl": url}
        return {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{settings.BASE_URL}/oidc/authorize/",
                    "tokenUrl": f"{settings.BASE_URL}/oidc/token/",
                    "scopes": settings.OAUTH2_PROVIDER["SCOPES"],
                }
            },
        }


class ServiceScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.ServiceAuthentication"
    name = "service"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        text = "An access token that a service got for itself (client credentials), with the role it needs"
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": text}
