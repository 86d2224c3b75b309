"""Mail: knows messages, not events. A message is complete when it is queued; nothing is looked up later."""
