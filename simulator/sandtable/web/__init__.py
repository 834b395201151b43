"""The instance over HTTP. `pipeline` is the life of a request, `app` walks it, `transaction` is what it carries.

`environ` and `errors` are the two ends; between them stand the rooms: `journal`, `worlds`, `wire`, `steps`, `plane`,
`console`, `apis`, `processors`.
"""
