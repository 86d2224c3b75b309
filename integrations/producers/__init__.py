"""What other programs report into the log: gateways, recorders, devices, at `/v1/services`."""
