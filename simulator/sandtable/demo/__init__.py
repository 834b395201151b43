"""The demo that `make demo` plays: Kibana alert documents become incidents over HTTP, are updated, and are closed."""
