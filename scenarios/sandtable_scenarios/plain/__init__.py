"""A plain client: the least that keeps every rule. It tells a connector's fault from an instance's."""
