"""Shapes of meetings on the wire: what clients send is checked here, what they get is written by resources.py."""
