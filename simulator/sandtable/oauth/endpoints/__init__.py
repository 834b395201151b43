"""The endpoints of OAuth, without HTTP: what a request must be, what is answered, how a refusal is told."""
