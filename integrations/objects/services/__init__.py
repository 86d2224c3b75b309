"""Use cases of shared objects. Who holds several rows takes tags before objects, and each in the order of their ids."""
