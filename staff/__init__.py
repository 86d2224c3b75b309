"""What the pages of the admin share. Knows no model."""
