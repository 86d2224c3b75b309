"""Who is asked: guest codes, invitations by account and by address, and every answer to them."""
