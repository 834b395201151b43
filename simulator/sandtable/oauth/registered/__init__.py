"""Registered clients: by a record with a secret or a certificate, or by a metadata document."""
