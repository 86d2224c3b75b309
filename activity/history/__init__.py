"""The log as people read it: sentences in the reader's language, old and new values, links to what still exists."""
