"""HTTP to other servers, with bounds. Knows no protocol above HTTP and no app."""
