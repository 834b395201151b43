"""Signed JWTs of clients: read strictly, verified, held against what is registered, and good for one exchange."""
