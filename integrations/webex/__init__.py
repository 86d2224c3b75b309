"""The events and webhooks of the Webex API: the log, listed for compliance officers and told to their programs."""
