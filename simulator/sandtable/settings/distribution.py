"""The name that the project has on a package index; the import names and the command are shorter."""

from __future__ import annotations

# "sandtable" is the distribution of an unrelated project.
DISTRIBUTION = "sandtable-servicenow"


def installed_version() -> str:
    """Return the version that is installed, or an empty text in a bare checkout, where nothing is."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return ""
