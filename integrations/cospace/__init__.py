"""The cospace API: sessions, in whose streams of numbered events everything arrives, and the calls of objects."""
