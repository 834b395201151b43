"""What an instance does by itself in the background, done whenever somebody calls: no thread, only the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import application
from .imports import ImportSets

if TYPE_CHECKING:
    from .instance import Instance


def run_due_jobs(instance: Instance) -> int:
    """Do what is due by the instance's clock, pending imports and the jobs of applications; return how much was done.

    Cheap when nothing waits, so each request may begin with it.
    """
    done = ImportSets(instance).transform_pending()
    return done + sum(job(instance) for app in application.applications(instance) for job in app.jobs)
