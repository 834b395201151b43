"""HTTPS on a developer's machine: an authority of one's own, and server certificates made from it when needed.

`authority` holds the development CA, `contexts` what a server needs of it, `errors` what can go wrong. The package
itself loads nothing: a server of plain HTTP starts without cryptography.
"""
