"""What leaves this process: HTTP requests to other servers, with limits on time and size, and news to the workers."""
