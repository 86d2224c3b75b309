"""Interfaces of other products: what their programs call here, and what is sent to them."""
