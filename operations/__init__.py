"""Who keeps it running: periodic jobs and commands that span the apps."""
