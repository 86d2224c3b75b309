"""What programs may ask the embedded provider for, in the words that people read when they agree."""

SCOPES = {
    "openid": "Sign in",
    "profile": "Name and language",
    "email": "E-mail address",
    # Only people with the right get these (users/provider/scopes.py).
    "spark-compliance:events_read": "Read the log of the organization",
    "spark-compliance:webhooks_read": "Read the webhooks of the organization",
    "spark-compliance:webhooks_write": "Create and change webhooks of the organization",
}
