"""Who may do what: access control, roles, cross-scope privileges, CORS rules; all of it read from records.

It hands out `AccessControl`, `roles_of`, `Privilege` and the CORS rule that fits a request.
"""
