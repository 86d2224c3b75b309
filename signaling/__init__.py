"""The live meeting: one-time tickets for joining it."""
