"""Behaviour: one value of named switches that says how the connector acts where documentation and Kibana differ.

`Behaviour.documented()` is what Elastic's documentation promises, with the safe choice where it is silent.
The ``kibana-*`` presets are what Kibana really does, quirks included, so that a contract test can predict it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

UNRENDERED_CORRELATION_ID = "{{rule.id}}:{{alert.id}}"
"""The default correlation ID as Kibana's forms fill it in, before a rule renders it."""

LONGEST_CORRELATION_ID = 100
"""How many characters ``task.correlation_id`` keeps (source: Kibana 8.13 docs, Correlation ID)."""


def _switch(meaning: str, evidence: str) -> Any:
    return field(metadata={"meaning": meaning, "evidence": evidence})


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How a connector acts where sources or releases differ; docs/behaviour-switches.md lists every field."""

    name: str = _switch("Which preset the value began as; shown in reports, decides nothing.", "ours")

    # closing an incident
    close_target: Literal["latest open", "newest"] = _switch(
        "Which of several incidents with one correlation ID is closed: the newest that is still open, or the newest "
        "created, open or not (an older open one then stays open).",
        "latest open: Kibana 8.13 docs, recovery actions. newest: observed Kibana behaviour, only the first row of the "
        "descending lookup is considered.",
    )
    closed_states: frozenset[str] = _switch(
        "The values of incident.state that count as closed, compared as exact text; such an incident is not updated.",
        "7: observed Kibana behaviour. 7 and 8 (Closed, Canceled): the states in which the platform clears "
        "incident.active.",
    )
    blank_ids: Literal["refused", "looked up"] = _switch(
        "Closing with an ID of only white space: an error without any request, or a lookup with what is left of the "
        "URL "
        "(for a correlation ID that finds the newest incident which has none, and closes it).",
        "looked up: elastic/kibana#217004 (April 2025), Kibana 8.12 to 9.0. refused: later releases.",
    )
    blank_correlation_id_sent: bool = _switch(
        "A push sends a correlation ID of only white space as it is, so that all alerts whose template rendered to "
        "blanks share one incident; otherwise it goes without one, and each alert gets an incident of its own.",
        "true: observed Kibana behaviour, no schema trims it. false: the safe reading of the Kibana 8.13 docs, where "
        "the ID names one alert.",
    )
    empty_lookup_ends: bool = _switch(
        "Reading an incident by ID gives an empty result: stop with a warning, or go on and post the closing fields "
        "without an ID (which creates a new, closed incident).",
        "go on: elastic/kibana#184646, Kibana before 8.18. stop: elastic/kibana#199989.",
    )
    any_404_means_no_incident: bool = _switch(
        "Closing treats a 404 from any of its requests as 'no incident found' and ends well, even when the Elastic "
        "app is "
        "not installed; otherwise only the lookup's own 404 is read so.",
        "true: observed Kibana behaviour, the status of the wrapped error decides.",
    )
    lookup_verified: bool = _switch(
        "Rows of the correlation lookup whose correlation_id is not the one asked for (letter case aside) are set "
        "aside, "
        "so that a value the instance interprets (such as javascript:...) cannot lead to another incident.",
        "ours: the documentation promises that closing goes by the correlation ID.",
    )
    lookup_fields: str = _switch(
        "The sysparm_fields of the correlation lookup; empty asks for whole rows, about 300 of which exceed the "
        "default "
        "response limit.",
        "empty: observed Kibana behaviour.",
    )

    # correlation IDs and URLs
    correlation_id_limit: int | None = _switch(
        "The longest correlation ID that is sent; a longer one is refused before any request. None sends it as it "
        "is, and "
        "the instance decides.",
        "100: Kibana 8.13 docs, Correlation ID. None: observed Kibana behaviour, no schema limits it.",
    )
    correlation_id_default: str | None = _switch(
        "What a push or close without a correlation_id uses. The text is applied after a rule's templates were "
        "rendered, "
        "so it is sent literally and all such alerts share one incident.",
        "None: Kibana before the zod schemas. The template text: observed behaviour of current Kibana 9.",
    )
    query_values_escaped: bool = _switch(
        "A caret inside a value of an encoded query is doubled, so that the value cannot add a condition.",
        "true: ServiceNow docs, encoded query strings (^^ is a literal caret). false: observed Kibana behaviour.",
    )
    urls_encoded: bool = _switch(
        "Path segments and parameter values are percent-encoded; otherwise a URL's bytes are what Node's URL parser "
        "makes "
        "of the plain text (# cuts, & separates, + is a space, .. pops a segment, line ends vanish).",
        "false: observed with Node 20 and axios 1. true: RFC 3986.",
    )

    # parameters, texts and retries
    additional_fields_known: bool = _switch(
        "Whether incident.additional_fields exists; without it the key is refused as unknown.",
        "elastic/kibana#184023 (May 2024), so not in 8.13.",
    )
    validation_texts: Literal["config-schema", "zod"] = _switch(
        "Which library's wording refused parameters, config and secrets have.",
        "config-schema: Kibana's integration tests of 8.x. zod: observed with zod 4.",
    )
    error_texts: Literal["reason", "bracketed"] = _switch(
        "How a failed step is worded: always ending in 'Reason: ...', or with [status=] [method=] [endpoint=] and "
        "OAuth "
        "errors taken apart.",
        "reason: Kibana up to 9.0. bracketed: elastic/kibana#273886.",
    )
    retries_every_failure: bool = _switch(
        "An execution reports retry: true for every failure; otherwise the class of the error decides.",
        "true: observed Kibana behaviour, elastic/kibana#143046.",
    )
    retries_refused_params: Literal["never", "always", "in a task"] = _switch(
        "Whether refused parameters, config and secrets are reported with retry: true: never, always, or only when a "
        "task runs the action.",
        "never: Kibana's 8.x integration tests. in a task: current Kibana 9.",
    )
    retries_resume: bool = _switch(
        "Another attempt of a rule's action goes on where the last one stopped: writes that were answered are not sent "
        "again, and the instance is asked about one whose answer was lost. Otherwise it begins anew, and writes "
        "comments and incidents without a correlation ID twice.",
        "true: ours, what is delivered is delivered once. false: observed Kibana behaviour, elastic/kibana#143046.",
    )
    javascript_slips: bool = _switch(
        "An absent value becomes the word undefined in a URL or header, a JSON null body fails on reading its result; "
        "otherwise each is a clear error.",
        "true: observed with Node 20.",
    )
    javascript_dates: bool = _switch(
        "Dates are read as JavaScript's Date does (10/03/2020 month first, February 30 becomes March 1, no zone means "
        "the host's); otherwise only the platform's own format and ISO 8601 are read, without a zone as UTC.",
        "true: observed with Node 20.",
    )
    get_incident_reads: bool = _switch(
        "getIncident returns the record; otherwise it returns {} without any request.",
        "true: the connector's README in elastic/kibana. false: observed Kibana behaviour.",
    )
    instance_named_by: Literal["url", "tls"] = _switch(
        "Which host 'There is an issue with your Service Now Instance' names: the URL's, or the TLS server name, "
        "which is "
        "empty for plain HTTP and for an IP address.",
        "tls: observed Kibana behaviour.",
    )

    closed_cases_pushed: bool = _switch(
        "A case that is closed can still be pushed; otherwise the push is refused.",
        "true: elastic/kibana#198146, Kibana 8.17 and later. false: releases before it.",
    )

    # templates of rules
    failed_template_functions: Literal["told", "nothing", "abandoned"] = _switch(
        "What a function in a template (EvalMath, FormatDate, FormatNumber, ParseHjson, EncodeURI) leaves when it "
        "fails: a text that says why, nothing, or the whole parameter becomes an error text.",
        "abandoned: Kibana 8.8 to 8.12. told: elastic/kibana#176014, Kibana 8.13 and later.",
    )
    uri_template_functions: bool = _switch(
        "Templates may call EncodeURI and EncodeURIComponent; otherwise such a section is left out, as any unknown "
        "name is.",
        "true: current Kibana 9. false: releases before, by reading.",
    )

    # authentication and networking
    jti_claim: bool = _switch(
        "The JWT assertion carries a unique jti claim.",
        "false: observed Kibana behaviour. An instance that insists on jti needs true.",
    )
    reopens_closed: bool = _switch(
        "A push that lands on an incident in a closed state sends one more update that sets it to In Progress.",
        "false: elastic/kibana#147353 and #162557, a closed incident is updated and stays closed.",
    )
    custom_host_decides_hostname: bool = _switch(
        "verificationMode of a customHostSettings entry decides both the chain and the host name check; otherwise it "
        "decides the chain only, and the global mode keeps the host name check.",
        "true: Kibana docs, alerting and action settings. false: observed Kibana behaviour.",
    )
    proxy_tunnels_plain_http: bool = _switch(
        "A plain http target is reached through CONNECT and proxyHeaders are sent; otherwise the proxy is asked for "
        "the "
        "absolute URL, without proxyHeaders.",
        "true: Kibana docs, xpack.actions.proxyHeaders. false: observed Kibana behaviour.",
    )
    redirects_checked: bool = _switch(
        "Every hop of a redirect must be named by allowedHosts.",
        "true: current Kibana 9. false: earlier releases, by reading.",
    )
    axios_version: str = _switch(
        "The release of axios whose User-Agent and Accept-Encoding are sent, and in whose words an answer that is cut "
        "short is told; empty for our own name and what we can decode.",
        "observed with axios 1.6.3, 1.8.3 and 1.12.2, which Kibana 8.13, 9.0 and current 9 bring along.",
    )

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                known = ", ".join(repr(value) for value in allowed)
                raise ValueError(f"behaviour switch {name} is {getattr(self, name)!r}; it must be one of {known}")

    @classmethod
    def documented(cls) -> Behaviour:
        """Return what Elastic's documentation promises, with the safe choice where it is silent (the default)."""
        return cls(
            name="documented",
            close_target="latest open",
            closed_states=frozenset({"7", "8"}),
            blank_ids="refused",
            blank_correlation_id_sent=False,
            empty_lookup_ends=True,
            any_404_means_no_incident=False,
            lookup_verified=True,
            lookup_fields="sys_id,number,state,correlation_id,sys_created_on,sys_updated_on",
            correlation_id_limit=LONGEST_CORRELATION_ID,
            correlation_id_default=None,
            query_values_escaped=True,
            urls_encoded=True,
            additional_fields_known=True,
            validation_texts="config-schema",
            error_texts="reason",
            retries_every_failure=False,
            retries_refused_params="never",
            retries_resume=True,
            javascript_slips=False,
            javascript_dates=False,
            get_incident_reads=True,
            instance_named_by="url",
            closed_cases_pushed=True,
            failed_template_functions="told",
            uri_template_functions=True,
            jti_claim=False,
            reopens_closed=False,
            custom_host_decides_hostname=True,
            proxy_tunnels_plain_http=True,
            redirects_checked=True,
            axios_version="",
        )

    @classmethod
    def kibana_8_13(cls) -> Behaviour:
        """Return what Kibana 8.12 to 8.17 does, as of 8.13."""
        return cls(
            name="kibana-8.13",
            close_target="newest",
            closed_states=frozenset({"7"}),
            blank_ids="looked up",
            blank_correlation_id_sent=True,
            empty_lookup_ends=False,
            any_404_means_no_incident=True,
            lookup_verified=False,
            lookup_fields="",
            correlation_id_limit=None,
            correlation_id_default=None,
            query_values_escaped=False,
            urls_encoded=False,
            additional_fields_known=False,
            validation_texts="config-schema",
            error_texts="reason",
            retries_every_failure=True,
            retries_refused_params="never",
            retries_resume=False,
            javascript_slips=True,
            javascript_dates=True,
            get_incident_reads=False,
            instance_named_by="tls",
            closed_cases_pushed=False,
            failed_template_functions="told",
            uri_template_functions=False,
            jti_claim=False,
            reopens_closed=False,
            custom_host_decides_hostname=False,
            proxy_tunnels_plain_http=False,
            redirects_checked=False,
            axios_version="1.6.3",
        )

    @classmethod
    def kibana_9_0(cls) -> Behaviour:
        """Return what Kibana 8.18 and 9.0 do: the empty incident no longer closes or creates anything."""
        return cls.kibana_8_13().having(
            name="kibana-9.0",
            axios_version="1.8.3",
            empty_lookup_ends=True,
            additional_fields_known=True,
            closed_cases_pushed=True,
        )

    @classmethod
    def kibana_9(cls) -> Behaviour:
        """Return what current Kibana 9 does: other texts, a literal default correlation ID, checked redirects."""
        return cls.kibana_9_0().having(
            name="kibana-9",
            correlation_id_default=UNRENDERED_CORRELATION_ID,
            blank_ids="refused",
            uri_template_functions=True,
            axios_version="1.12.2",
            validation_texts="zod",
            error_texts="bracketed",
            retries_refused_params="in a task",
            redirects_checked=True,
        )

    @classmethod
    def preset(cls, name: str) -> Behaviour:
        """Return the preset of that name; ValueError names the known ones."""
        try:
            return PRESETS[name]()
        except KeyError:
            raise ValueError(f"there is no behaviour preset {name!r}; known: {', '.join(PRESETS)}") from None

    def having(self, **switches: Any) -> Behaviour:
        """Return this behaviour with some switches set otherwise; ValueError names an unknown switch."""
        known = {item.name for item in dataclasses.fields(self)}
        unknown = sorted(set(switches) - known)
        if unknown:
            raise ValueError(f"there is no behaviour switch {unknown[0]!r}; known: {', '.join(sorted(known))}")
        return dataclasses.replace(self, **switches)


_CHOICES: dict[str, tuple[str, ...]] = {
    "close_target": ("latest open", "newest"),
    "blank_ids": ("refused", "looked up"),
    "validation_texts": ("config-schema", "zod"),
    "error_texts": ("reason", "bracketed"),
    "retries_refused_params": ("never", "always", "in a task"),
    "instance_named_by": ("url", "tls"),
    "failed_template_functions": ("told", "nothing", "abandoned"),
}

PRESETS: dict[str, Callable[[], Behaviour]] = {
    "documented": Behaviour.documented,
    "kibana-8.13": Behaviour.kibana_8_13,
    "kibana-9.0": Behaviour.kibana_9_0,
    "kibana-9": Behaviour.kibana_9,
}
