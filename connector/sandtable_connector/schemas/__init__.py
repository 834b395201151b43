"""What a connector takes: the schemas of config, secrets and parameters, and what is said of input they refuse."""
