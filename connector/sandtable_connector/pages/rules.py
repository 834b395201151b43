"""Stack Management > Rules: the rules of the file, their alerts, and the actions that were run."""

from __future__ import annotations

from urllib.parse import quote

from sandtable_connector.pages.screen import RULES, Asked, Page, Screen, redirect

LONGEST_ID = 512


def answer(pages: Screen, asked: Asked, inside: str) -> Page:
    """Return the rules, or one with its alerts; a form lets an alert fire or recover."""
    bench = pages.workbench
    if bench.rules is None:
        text = "No rules were given. Start with: sandtable connector serve --rules rules.yml"
        return pages.show("message.html", asked.token, title="Rules", text=text)
    runner = bench.runner
    assert runner is not None
    if not inside:
        listed = [
            (rule, sum(1 for alert in runner.state(rule.id).alerts.values() if not alert.recovered))
            for rule in bench.rules.rules
        ]
        return pages.show("rules.html", asked.token, title="Rules", rules=listed, runs=list(bench.runs)[:50])
    rule = bench.rule(inside)
    if rule is None:
        return pages.show("message.html", asked.token, status=404, title="Not found", text="There is no such rule.")
    if asked.is_post:
        alert_id = asked.form.get("alert_id", "").strip()[:LONGEST_ID]
        if alert_id:
            recovers = asked.form.get("do") == "recover"
            bench.alert(rule, alert_id, asked.form.get("reason", ""), recovers=recovers)
        return redirect(f"{RULES}/{quote(rule.id, safe='')}")
    return pages.show(
        "rule.html",
        asked.token,
        title=rule.name or rule.id,
        rule=rule,
        alerts=sorted(runner.state(rule.id).alerts.items()),
        runs=[each for each in bench.runs if each.call.rule_id == rule.id],
        wires=lambda run: [each.wire() for each in run.exchanges],
    )
