"""Writes docs/releases.md from the sets that the simulator uses. Run: python docs/generate_releases.py"""

from __future__ import annotations

from pathlib import Path

from sandtable.core.images.releases import BASIC_AUTH, NEW, default_family, families, release

PAGE = Path(__file__).parent / "releases.md"
HEAD = """\
# Releases

One setting says which release an instance answers as: `--release`, `SANDTABLE_RELEASE`, `release` in the settings file,
the marker `@pytest.mark.servicenow(release="brazil")`, or `mock_servicenow(release="brazil")`. It names a set of system
properties, roles, tables and choices; each property stays settable alone, and `GET /_sandtable/info` and a line at the
start name those that differ from the set. An unknown name or value is an error. The default is `{default}`.

```console
$ sandtable release list
{listed}
```

`sandtable release show brazil` prints a set with the source of each line, `--json` the same for programs.

Two further settings say what differs between instances of one release:

- `basic_auth`: `open` (the default: passwords open the APIs), `tracking` (people who use theirs are entered in
  `sys_user_basic_auth_exception`), or `enforced` (they get a 401 like that of a wrong password; web service
  users, holders of `snc_basic_auth_api_access` and those in `allowed_users` pass). What to do about it: make the
  integration user web service access only, give it the role, enter it as an exception, or change to OAuth.
- `instance`: `upgraded` (the default) or `new`, which switches on what only new ones have: `basic_auth` is enforced,
  scripts need a role, `itil` no longer edits configuration items, and access controls whose roles are gone deny.

Run tests once with `--release brazil --instance new`: it is the strictest set that is known.

"""


def page() -> str:
    """Return the page."""
    names = families()
    listed = "\n".join(f"{name}{'  (default)' if name == default_family() else ''}" for name in names)
    parts = [HEAD.format(default=default_family(), listed=listed)]
    parts.append("## Properties\n\nA dash: no record of it. A question mark: a reading of weak sources.\n\n")
    upgraded = {name: {each.name: each for each in release(name).switches} for name in names}
    new = {name: {each.name: each for each in release(name, kind=NEW).switches} for name in names}
    parts.append(f"| property | {' | '.join(names)} | what it does | source |\n|---|{'---|' * len(names)}---|---|\n")
    for key, first in upgraded[names[0]].items():
        if key.startswith("glide.authenticate.basic_auth."):
            continue
        shown = [_value(upgraded[name][key].value, unsure=upgraded[name][key].unsure) for name in names]
        also = [_value(new[name][key].value, unsure=False) for name in names]
        both = zip(shown, also, strict=True)
        cells = [one if one.removesuffix(" ?") == two else f"{one}, new: {two}" for one, two in both]
        parts.append(f"| `{key}` | {' | '.join(cells)} | {first.about} | {first.source} |\n")
    parts.append("\n## Roles, tables and choices\n\n| what | since | source |\n|---|---|---|\n")
    for sort, entries in release(names[0]).absent.items():
        for entry in entries:
            named = entry.get("name") or f"{entry['table']}.{entry['element']}={entry['value']}"
            parts.append(f"| {sort.removesuffix('s')} `{named}` | {entry['since']} | {entry['source']} |\n")
    parts.append("\n## Restriction of Basic authentication\n\n| `basic_auth` | properties |\n|---|---|\n")
    for basic in BASIC_AUTH:
        held = [each for each in release(basic_auth=basic).switches if each.name.startswith("glide.authenticate.basic")]
        parts.append(f"| `{basic}` | {', '.join(f'`{each.name}` = {each.value}' for each in held)} |\n")
    return "".join(parts)


def _value(value: str | None, *, unsure: bool) -> str:
    text = "-" if value is None else f"`{value}`"
    return f"{text} ?" if unsure else text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
