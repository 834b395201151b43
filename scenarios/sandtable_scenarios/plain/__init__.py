"""A plain client: the least that keeps every rule, to tell a connector's fault from an instance's, and a sound story from an unsound one."""
