"""Rooms with their dial-in, live streams and files. This app does not know meetings."""
