"""The HTTP dialect: errors, pages, fields and permissions as the contract words them. Knows no app."""
