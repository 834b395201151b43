"""Commands that start a server of one's own or ask whether it is up."""
