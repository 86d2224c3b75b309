"""Additions to Django's database layer, independent of any model."""
