"""What the admin pages share."""
