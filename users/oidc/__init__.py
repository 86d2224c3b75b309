"""Identity providers: which tokens are accepted, and what they say about a person."""
