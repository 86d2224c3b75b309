"""The live meeting: who may come in, by a ticket that opens the door once."""
