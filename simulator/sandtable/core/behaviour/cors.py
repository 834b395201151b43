"""What a CORS rule must be like to be stored."""

from __future__ import annotations

from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.core.security.cors_rules import DEFINITIONS, TABLE, BadDomain, parse_domain


def _check(context: RuleContext) -> None:
    current = context.current
    for element in ("name", "domain"):
        if not current[element].strip():
            context.abort(f"{element} is empty; a CORS rule needs one")
    if current["use_resource_path"] == "true":
        if not current["resource_path"].strip():
            context.abort("resource_path is empty, and use_resource_path says that it counts")
    elif not current["rest_api"]:
        context.abort("rest_api is empty; it takes the sys_id of a sys_ws_definition, such as that of the Table API")
    elif context.elevated.table(DEFINITIONS).find(current["rest_api"]) is None:
        context.abort(f"rest_api {current['rest_api']!r} is not the sys_id of a sys_ws_definition")
    try:
        domain = parse_domain(current["domain"])
    except BadDomain as error:
        context.abort(f"domain {current['domain']!r} cannot be used: {error}")
        return
    if domain.wildcard and current["access_control_allow_credentials"] == "true":
        context.abort("access_control_allow_credentials asks for a domain without *")


RULES = (BusinessRule("Check the CORS rule", TABLE, "before", INSERT_OR_UPDATE, _check),)
