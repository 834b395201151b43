"""Write docs/checks.md from the rules of the scenarios: `python docs/generate_checks.py`."""

from __future__ import annotations

from pathlib import Path

from sandtable_scenarios.checks_page import page

PAGE = Path(__file__).parent / "checks.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
