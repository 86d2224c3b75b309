"""The admin's first page: what needs attention and how the site is doing, as far as the reader's rights go."""
