"""HTTP requests to other servers, with limits on time and size."""
