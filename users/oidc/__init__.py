"""What identity providers say: which tokens we believe, and what they tell of a person. Knows no rows."""
