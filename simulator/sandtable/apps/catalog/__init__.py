"""The Service Catalog API: its calls, and records as it shows them."""
