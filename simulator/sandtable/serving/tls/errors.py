"""What can be wrong with the development CA; apart from the rest, so that plain HTTP loads no cryptography."""


class AuthorityError(Exception):
    """The authority cannot be read, made or used; the text names the file and the fix."""
