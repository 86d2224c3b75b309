"""The use cases of meetings: one keyword-only function each, one transaction each."""
