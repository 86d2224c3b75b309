"""The files of a room: who has them, how they come in and go out. How they are kept is rooms.storage's business."""
