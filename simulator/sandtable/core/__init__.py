"""The platform without HTTP: an instance, its records, and the rules that they follow.

The rooms stand on floors; each can be read with only those before it: `values`, `schema`, `query`, `store`,
`platform`, `security`, `behaviour` and `imports`, `applications`, `images`. `assembly` hands an instance what the
rooms above the platform make.
"""
