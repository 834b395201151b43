"""An instance as a value, a session as one user's view of it, and the records of a table as both see them.

It hands out `Instance`, `Session`, `TableAccess` and `Record`; rooms above are written against their `contracts` and
are handed to an instance as its `Parts`. What people see of stored values is in `display`, the life of a write in
`writing/`.
"""
