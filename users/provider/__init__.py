"""The embedded OpenID provider: django-oauth-toolkit with JWTs that the web frontend can read, and its login page."""
