"""Tables that people work on in a spreadsheet: read, written, pasted. Knows no app."""
