"""The documentation as a searchable site: `make docs-site`. Sphinx reads the pages as they are, through MyST."""

from __future__ import annotations

import os

project = "Sandtable"
author = "The Sandtable authors"
copyright = author  # noqa: A001 - the name that Sphinx reads
# A built site is of one version; publishing keeps each below its number.
version = release = os.environ.get("SANDTABLE_DOCS_VERSION", "unreleased")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["examples", "*.py", "*.json"]
myst_heading_anchors = 4
# Console sessions and drawings are shown as they are.
highlight_language = "none"
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"Sandtable {release}"
html_show_sphinx = False
html_copy_source = False
