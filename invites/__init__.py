"""Guest codes, invitations by account and by address, and the answers to them."""
