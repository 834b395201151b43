"""What a fresh instance does by itself, as business rules; one topic a file."""

from __future__ import annotations

from sandtable.core.behaviour import (
    application_files,
    attachment_creator,
    attachments,
    cascades,
    cors,
    data_policy,
    dictionary_overrides,
    memberships,
    metrics,
    state_models,
    switches,
    users,
)
from sandtable.core.behaviour.tasks import (
    change,
    incident,
    priority,
    problem,
    problem_and_incidents,
    request,
    security_incident,
    task,
)
from sandtable.core.platform.writing import journal

RULES = (
    *dictionary_overrides.RULES,
    *task.RULES,
    *priority.RULES,
    *incident.RULES,
    *problem.RULES,
    *problem_and_incidents.RULES,
    *change.RULES,
    *state_models.RULES,
    *request.RULES,
    *security_incident.RULES,
    *switches.RULES,
    *users.RULES,
    *memberships.RULES,
    *cascades.RULES,
    *attachments.RULES,
    *attachment_creator.RULES,
    *journal.RULES,
    *cors.RULES,
    *metrics.RULES,
    *application_files.RULES,
    *data_policy.RULES,
)
