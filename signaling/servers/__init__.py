"""Other servers that meetings use, each behind its API: requests and answers, no meeting. signaling/work calls them."""
