"""What is raised when a file or an argument that a person wrote cannot be used."""

from __future__ import annotations


class InvalidInput(ValueError):
    """Something a person wrote cannot be used; the text says where, which field, what is wrong and how to put it right.

    `where` is a file with a line ("alerts.jsonl line 3"), `field` the name as the person wrote it; either may be empty.
    """

    def __init__(self, problem: str, *, where: str = "", field: str = "", fix: str = "") -> None:
        self.problem = problem
        self.where = where
        self.field = field
        self.fix = fix
        text = ": ".join(part for part in (where, field, problem) if part)
        super().__init__(f"{text}. {fix}" if fix else text)

    def at(self, where: str) -> InvalidInput:
        """Return the same complaint, placed in a file."""
        return InvalidInput(self.problem, where=where, field=self.field, fix=self.fix)
