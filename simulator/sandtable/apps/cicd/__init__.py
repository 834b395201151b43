"""The CI/CD API, a topic a file."""
