"""The life of a write, from what a caller gave to what is stored and audited: `life_of_a_write` is read first.

It hands out business rules as a mechanism: `BusinessRule`, `RuleContext`, `RuleBook`.
"""
