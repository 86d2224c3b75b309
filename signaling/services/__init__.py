"""What is kept of live meetings: each function is one transaction, under the lock of the session's row."""
