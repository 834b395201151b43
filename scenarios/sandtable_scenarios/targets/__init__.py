"""What is rehearsed: a connector and an instance, each reached in several ways."""
