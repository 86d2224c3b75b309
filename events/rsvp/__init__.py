"""The page on which a link in a mail lets people answer: without signing in, and without JavaScript."""
