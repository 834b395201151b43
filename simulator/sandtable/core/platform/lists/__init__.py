"""What lists are asked beside a query: plain filters, an order among ties, aggregates."""
