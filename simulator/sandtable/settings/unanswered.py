"""What is said when a connection came to nothing, the same in every command."""

from __future__ import annotations

import os


def innermost_reason(error: BaseException) -> str:
    """Return the operating system's words for a failed connection, such as `Connection refused`.

    Libraries wrap an error several times and print each layer; what is left here is what a person can act on.
    """
    seen: BaseException | None = error
    met: set[int] = set()
    words = type(error).__name__
    while seen is not None and id(seen) not in met:
        met.add(id(seen))
        if isinstance(seen, OSError) and seen.strerror:
            words = bare_reason(seen)
        elif isinstance(seen, OSError) and seen.args and isinstance(seen.args[0], str):
            words = seen.args[0]
        following = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None) or seen.__cause__
        seen = following if isinstance(following, BaseException) else seen.__context__
    return words


def bare_reason(error: OSError) -> str:
    """Return what went wrong without the address, the file name or the number that Python adds to it."""
    return (os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror) or str(error)
