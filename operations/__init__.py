"""Periodic jobs, and commands that span the apps."""
