"""Records loaded by a test: from JSON, CSV or the platform's XML, all of them or none."""
