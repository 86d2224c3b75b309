"""Signed POST requests to addresses that others chose: keys, outbox and sender. Knows no vocabulary of its callers."""
