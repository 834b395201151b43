"""OAuth and API keys: who is let in by a token, which the instance issued or an administrator made.

No web framework here: `endpoints` take requests as values and return answers as values. `rules.RULES` are the business
rules of the records.
"""
