"""The connector's side of a step: what it is given, what it sends, and which values that is made of."""
