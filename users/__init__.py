"""Who: people, their tenants, tariffs and groups, and how a token names one of them. Knows no room and no event."""
