"""People, their tenants, tariffs and groups, and how a token identifies a person."""
