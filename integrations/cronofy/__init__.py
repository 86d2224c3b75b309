"""Smart Invites in the vocabulary of Cronofy's API: programs plan meetings here and are called back with answers."""
