"""What an uploaded document or sound is: its pages, whether it can be played. Read in a process of its own."""
