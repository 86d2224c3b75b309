"""What staff may change of the settings while the site runs; the environment has the defaults."""
