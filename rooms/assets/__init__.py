"""The files of a room: access, upload and download. rooms.storage stores the bytes."""
