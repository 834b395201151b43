"""Trouble between connector and instance, and whether the work gets done all the same."""

from __future__ import annotations

from hypothesis import strategies as st

from sandtable_scenarios.actions.trouble import FAULTS, PASSING, PLACES
from sandtable_scenarios.checks import closing, correlation, signing_in, trouble
from sandtable_scenarios.stage.pictures import SWITCHES
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World


def one_fault(world: World, draw: Draw) -> None:
    """One call goes wrong: the push tells the truth, asks for another try, and the next one succeeds."""
    world.begin()
    if draw.walk((False, True)):
        world.do("push", correlation_id="r:a")
    with_keys = "oauth" in world.instance.capabilities
    fault, place = draw.walk_all(sorted(FAULTS), (*sorted(PLACES), "token") if with_keys else sorted(PLACES))
    if place == "token":
        world.do("use_jwt")
    world.do("plan_fault", fault=fault, place=place)
    world.do("push_through", correlation_id="r:a", text="in trouble")
    world.do("end_trouble")
    world.do("insist", about="faults.recovers", correlation_id="r:a", text="after the trouble")


def repeated(world: World, draw: Draw) -> None:
    """Answers get lost after the write, and the push is tried again until it succeeds: one incident."""
    world.begin()
    lost = ("lost answer", "closed without an answer", "cut in the middle", "malformed", "delivered twice", "reset")
    for _ in range(draw.draw(st.integers(1, 2))):
        place = draw.walk(("write", "write", "read back"))
        world.do("plan_fault", fault=draw.walk(lost), place=place)
    world.do("insist", about="faults.no-duplicate", correlation_id="r:a", text="insisting", tries=5)


def patience(world: World, draw: Draw) -> None:
    """A write fails: the connector posts once, and leaves the decision to try again to its caller."""
    world.begin()
    world.do("plan_fault", fault=draw.walk(sorted(PASSING)), place="write", times=5)
    world.do("push_through", correlation_id="r:a")
    world.do("count_writes", most=1)


def hurried(world: World, draw: Draw) -> None:
    """The instance refuses one kind of call and says when to come again: within one run the connector does not."""
    world.begin()
    places = ("health", "write", "read back", "lookup", *(("token",) if "oauth" in world.instance.capabilities else ()))
    place = draw.walk(places)
    world.do("push", correlation_id="r:a")
    if place == "token":
        world.do("use_jwt")
    world.do("plan_fault", fault=draw.walk(("429", "503")), place=place, times=9)
    if place == "lookup":
        world.do("close_through", correlation_id="r:a")
    else:
        world.do("push_through", correlation_id="r:a")
    world.do("count_hurried", place=place, most=1)


def asleep(world: World, draw: Draw) -> None:
    """Every call goes wrong in one way; then a recovery and a push come, and both tell the truth."""
    world.begin()
    world.do("push", correlation_id="r:a")
    fault = draw.walk(("asleep", "asleep with 503", "503", "maintenance", "429", "wrong content type"))
    for place in sorted(PLACES):
        world.do("plan_fault", fault=fault, place=place, times=50)
    if draw.walk((False, True)):
        world.do("close_through", correlation_id="r:a")
    world.do("push_through", correlation_id="r:b")
    world.do("end_trouble")
    if draw.walk((False, True)):
        world.do("restart_connector")
    world.do("insist", about="faults.recovers", correlation_id="r:b")
    world.do("close", correlation_id="r:b")


def bad_rows(world: World, draw: Draw) -> None:
    """The import answers with a row in error, no row, or a row that names no record."""
    world.begin()
    answer = draw.walk(("error_row", "no_rows", "ignored_without_sys_id"))
    world.do("switch", name=f"{SWITCHES}import_response", value=answer)
    about = "faults.row-error" if answer == "error_row" else "faults.no-row"
    world.do("attempt", about=about, should="reported")
    world.do("end_trouble")
    world.do("insist", about="faults.recovers", correlation_id="r:a")


def no_application(world: World, draw: Draw) -> None:
    """The health resource says no, or something that nobody understands."""
    world.begin()
    answer = draw.walk(("401", "403", "404", "500", "no_result", "html"))
    world.do("push", correlation_id="r:b")
    world.do("switch", name=f"{SWITCHES}health", value=answer)
    world.do("attempt", about="faults.honest", should="fail")
    world.do("close_through", correlation_id="r:b", about="close.answer")
    world.do("end_trouble")
    world.do("insist", about="faults.recovers", correlation_id="r:a")


# What an instance may be set to do with rows and with reading them back, beside the answers of `bad_rows`.
HABITS = {
    "closure_data_policy": ("on", "off"),
    "close_rows": ("present", "absent"),
    "read_back": ("allowed", "403", "no_created_on"),
    "import_response": ("one_row", "two_rows"),
    "unknown_column": ("ignore", "error"),
    "long_correlation_id": ("truncate", "error"),
    "coalesce_closed_incidents": ("true", "false"),
}


def habits(world: World, draw: Draw) -> None:
    """Instances that are set up differently refuse this or that: pushes and closes tell the truth all the same."""
    chosen = draw.draw(st.lists(st.sampled_from(sorted(HABITS)), min_size=1, max_size=3, unique=True))
    world.begin(properties={f"{SWITCHES}{name}": draw.walk(HABITS[name]) for name in chosen})
    for action in draw.draw(st.lists(st.sampled_from(("push_through", "close_through")), min_size=2, max_size=4)):
        world.do(action, correlation_id="r:a")


PLAIN_REFUSALS = (
    "wrong password",
    "wrong user",
    "no role",
    "health 401",
    "health 403",
    "health 404",
)
TOKEN_REFUSALS = ("wrong client secret", "unknown user", "wrong key")


def refused(world: World, draw: Draw) -> None:
    """The instance refuses, and will refuse again: wrong credentials, a missing right, no application."""
    with_keys = "oauth" in world.instance.capabilities
    why = draw.walk(PLAIN_REFUSALS + TOKEN_REFUSALS if with_keys else PLAIN_REFUSALS)
    # The token endpoint refuses with 401 by default, and with 400 where it goes by the RFC.
    profile = draw.walk(("servicenow", "rfc")) if why in TOKEN_REFUSALS else "servicenow"
    world.begin(properties={"sandtable.oauth.error_profile": profile})
    if why in TOKEN_REFUSALS:
        world.do("use_jwt", wrong=why.removeprefix("wrong ").removeprefix("unknown "))
    elif why.startswith("wrong "):
        world.do("use_basic", wrong=why.removeprefix("wrong "))
    elif why == "no role":
        world.do("take_role", role="import_set_loader")
    else:
        world.do("switch", name=f"{SWITCHES}health", value=why.removeprefix("health "))
    world.do("push_in_vain", correlation_id="r:a")


def customers_rules(world: World, draw: Draw) -> None:
    """A customer's own business rules stand in the way: a push tells the truth, and succeeds without them."""
    world.begin()
    name = draw.walk(("aborts", "is slow", "rewrites", "throws"))
    world.do("customer_rule", name=name)
    if name == "aborts":
        world.do("attempt", about="faults.honest", should="fail")
    else:
        world.do("push_through", correlation_id="r:a")
    world.do("end_trouble")
    world.do("insist", about="faults.recovers", correlation_id="r:b")


def restarts(world: World, draw: Draw) -> None:
    """The connector is restarted between all steps; alerts find their incidents all the same."""
    world.begin()
    if "oauth" in world.instance.capabilities and draw.walk((False, True)):
        world.do("use_jwt")
    for text in ("first", "second"):
        world.do("attempt", about="faults.restart", should="succeed", text=text)
        world.do("restart_connector")
    world.do("close", correlation_id="r:a")


ALL = (*(rule.id for rule in trouble.RULES), signing_in.NO_SECRETS.id, correlation.RESULT.id, closing.ANSWER.id)
NEEDS = frozenset({"faults", "control"})
SCENARIOS = (
    Scenario("one-fault", "One call goes wrong", ALL, body=one_fault, needs=NEEDS, share=2),
    Scenario("lost-answers", "Answers get lost after the write", ALL, body=repeated, needs=NEEDS),
    Scenario("patience", "A failed write is not repeated by itself", ALL, body=patience, needs=NEEDS, share=0.5),
    Scenario("hurried", "Calls that are to be made later", ALL, body=hurried, needs=NEEDS, share=0.5),
    Scenario("asleep", "An instance that answers nothing useful", ALL, body=asleep, needs=NEEDS, share=0.7),
    Scenario("bad-rows", "Import answers that name no incident", ALL, body=bad_rows, needs=NEEDS, share=0.4),
    Scenario("no-application", "A health resource that says no", ALL, body=no_application, needs=NEEDS, share=0.5),
    Scenario("refused", "Refusals that will come again", ALL, body=refused, needs=NEEDS | {"switches"}, share=0.7),
    Scenario(
        "habits", "Instances that are set up differently", ALL, body=habits, needs=NEEDS | {"switches"}, share=0.7
    ),
    Scenario("customers-rules", "A customer's own business rules", ALL, body=customers_rules, needs=NEEDS, share=0.3),
    Scenario("restarts", "The connector is restarted between steps", ALL, body=restarts, needs=NEEDS, share=0.3),
)
