"""The log in our own words for the programs of people: listed, and streamed as server-sent events."""
