"""What Django's database layer lacks. Knows no model."""
