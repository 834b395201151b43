"""What a plain client does to the instance itself, without any connector."""
