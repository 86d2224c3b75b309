"""What all API operations share: errors, pages, fields and permissions, as the contract defines them."""
