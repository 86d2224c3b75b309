"""The provider's paths below `oidc/`, under the names that django-oauth-toolkit reverses."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from oauth2_provider import views

from users.provider.views import AuthorizationView, DiscoveryView, LogoutView, TokenView

app_name = "oauth2_provider"


def _both(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """With the slash at its end that the discovery document has, and without: people type these paths."""
    return [path(f"{route}/", view, name=name), path(route, view)]


urlpatterns = [
    *_both("authorize", AuthorizationView.as_view(), name="authorize"),
    *_both("token", TokenView.as_view(), name="token"),
    *_both("revoke_token", views.RevokeTokenView.as_view(), name="revoke-token"),
    *_both("userinfo", views.UserInfoView.as_view(), name="user-info"),
    *_both("logout", LogoutView.as_view(), name="rp-initiated-logout"),
    path(
        ".well-known/openid-configuration",
        DiscoveryView.as_view(),
        name="oidc-connect-discovery-info",
    ),
    path(".well-known/jwks.json", views.JwksInfoView.as_view(), name="jwks-info"),
]
