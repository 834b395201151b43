"""Passwords, keys and tokens: right, wrong, and changing in the middle of work."""

from __future__ import annotations

from sandtable_scenarios.actions.credentials import WRONG_WITH_JWT
from sandtable_scenarios.checks import correlation, rights, signing_in, trouble
from sandtable_scenarios.checks.instance import importing
from sandtable_scenarios.stage.scenarios import Draw, Scenario
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.strategies import texts

# What somebody might tidy up on its way, and what an encoding has no letter for.
PASSWORDS = ("a:b:c", "Pässwörd 語", " spaces inside ", "quote\"'\\", "percent%41&plus+", "x" * 100, *texts.ALPHABET)


def basic(world: World, draw: Draw) -> None:
    """Right credentials, then wrong ones, then right ones again; perhaps the password changes meanwhile."""
    world.begin()
    world.do("attempt", about="auth.basic", should="succeed")
    if draw.walk((False, True)):
        password = draw.walk(PASSWORDS)
        told = draw.walk((False, True))
        world.do("change_password", password=password, told=told)
        if told:
            world.do("attempt", about="auth.basic", should="succeed", text="with the new password")
        else:
            world.do("attempt", about="auth.basic-refused", should="fail", text="with the old password")
        return
    world.do("use_basic", wrong=draw.walk(("user", "password", "swapped", "cut", "case")))
    world.do("attempt", about="auth.basic-refused", should="fail", correlation_id="r:b")
    world.do("use_basic")
    world.do("attempt", about="auth.basic", should="succeed", correlation_id="r:c")
    world.do("search_urls", about="auth.not-in-url")


USERS = ("second@example.com", "zweite.b\u00f6se", "second user", "SECOND.User", "second+user%41", "second'user")


def names(world: World, draw: Draw) -> None:
    """Users and passwords with characters that mean something elsewhere: the incident says who created it."""
    world.begin()
    world.do("as_another_user", told_user=draw.walk(USERS), password=draw.walk(PASSWORDS))
    world.do("push_as_told")


def key(world: World, draw: Draw) -> None:
    """A push with a key, and another; the token is asked for once, no secret is in a URL."""
    world.begin()
    locked = draw.walk((False, True))
    # Neither a long nor a short lifetime ends between two pushes.
    world.do("use_jwt", locked=locked, lifespan=draw.walk((1800, 30)))
    about = "auth.key-password" if locked else "auth.jwt"
    world.do("count_tokens", about="auth.token-reuse", least=0, most=0)
    for text in ("first", "second"):
        world.do("attempt", about=about, should="succeed", text=text)
    world.do("search_urls", about="auth.not-in-url")
    world.do("count_tokens", about="auth.token-reuse", least=1, most=1)


def wrong_key(world: World, draw: Draw) -> None:
    """One thing is wrong about the key, the client or the user."""
    world.begin()
    wrong = draw.walk(WRONG_WITH_JWT)
    world.do("use_jwt", wrong=wrong)
    world.do("attempt", about="auth.jwt-refused", should="fail")
    world.do("search_urls", about="auth.not-in-url")


def locked_key(world: World, draw: Draw) -> None:
    """The password of the private key is wrong or missing."""
    world.begin()
    world.do("use_jwt", wrong=draw.walk(("key password", "no key password")))
    world.do("attempt", about="auth.key-password", should="fail")


def expiring(world: World, draw: Draw) -> None:
    """Tokens live for a second; the clock goes on between pushes, and none of them fails."""
    world.begin()
    world.do("use_jwt", lifespan=1)
    world.do("set_clock", offset=0)
    for text in ("first", "second"):
        world.do("attempt", about="auth.token-expiry", should="succeed", text=text)
        world.do("wait", seconds=draw.walk((2, 60)))


def slow_tokens(world: World, draw: Draw) -> None:
    """A token of one second takes longer than that to come: it has ended when it is there, and is used no more."""
    world.begin()
    # The platform counts a second off: two seconds are one in the answer.
    world.do("use_jwt", lifespan=2)
    # The instance's clock stands still, so that a machine which is slow by itself ends no token.
    world.do("set_clock", offset=0)
    world.do("slow_token", seconds=1.1)
    world.do("recover_nobody", about="auth.token-expiry")
    world.do("wait", seconds=draw.walk((3, 60)))
    world.do("recover_nobody", about="auth.token-expiry")


def fresh(world: World, draw: Draw) -> None:
    """Tokens live for a second, and each is asked for anew by a connector that is restarted now and then."""
    world.begin()
    world.do("use_jwt", lifespan=1)
    world.do("set_clock", offset=0)
    for text in ("first", "second", "third"):
        world.do("attempt", about="auth.fresh-assertion", should="succeed", text=text)
        world.do("wait", seconds=2)
        if draw.walk((False, True)):
            world.do("restart_connector")


# Which secret the instance repeats, at which call, and how.
ECHOED = (("health", "error"), ("write", "error"), ("write", "row"), ("read back", "error"))
ECHOES_OF_BASIC = tuple((secret, *where) for secret in ("password", "basic token") for where in ECHOED)
ECHOES = ECHOES_OF_BASIC + tuple(
    (secret, *where)
    for secret in ("client secret", "key password", "private key")
    for where in (("token", "error"), *ECHOED)
)


def overheard(world: World, draw: Draw) -> None:
    """The instance repeats a secret of the connector in an answer; the connector tells nobody."""
    world.begin()
    secret, place, form = draw.walk(ECHOES if "oauth" in world.instance.capabilities else ECHOES_OF_BASIC)
    if (secret, place, form) in ECHOES_OF_BASIC:
        world.do("use_basic")
    else:
        world.do("use_jwt", locked=True)
    world.do("plan_echo", secret=secret, place=place, form=form)
    world.do("push_overheard", correlation_id="r:a")


def revoked(world: World, draw: Draw) -> None:
    """A token ends early: at most one push fails, the next has a new token."""
    world.begin()
    world.do("use_jwt")
    world.do("attempt", about="auth.jwt", should="succeed")
    if draw.walk((False, True)):
        world.do("revoke_tokens")
    else:
        world.do("wait", seconds=1801)
    world.do("attempt", about="faults.honest", should="either", text="the token has ended")
    world.do("attempt", about="auth.token-revoked", should="succeed", text="with a new token")


def rotated(world: World, draw: Draw) -> None:
    """The key is replaced in the middle of work."""
    world.begin()
    world.do("use_jwt")
    world.do("attempt", about="auth.jwt", should="succeed")
    keep_old = draw.walk((False, True))
    told = draw.walk((False, True))
    world.do("replace_key", keep_old=keep_old, told=told)
    world.do("restart_connector")
    works = told or keep_old
    world.do("attempt", about="auth.key-rotation", should="succeed" if works else "fail", text="after the rotation")


def two_connectors(world: World, draw: Draw) -> None:
    """A second connector with a wrong secret must not go on with the token of the first."""
    world.begin()
    world.do("use_jwt")
    world.do("attempt", about="auth.jwt", should="succeed")
    # An ID is compared as it is: in other letters, or with a blank at its end, it is another connector's.
    other = draw.walk(("rehearsal-second", "REHEARSAL-OAUTH", "rehearsal-oauth ", "rehearsal"))
    world.do("as_another_connector", connector_id=other, wrong="client secret")
    world.do("attempt", about="auth.separate-tokens", should="fail", text="with the wrong secret")
    if draw.walk((False, True)):
        world.do("as_another_connector", connector_id="rehearsal-oauth")


def clocks(world: World, draw: Draw) -> None:
    """The clocks of connector and instance differ."""
    world.begin()
    world.do("use_jwt")
    little = draw.walk((False, True))
    offset = draw.walk((-240, -60, 60, 240)) if little else 3 * 3600
    world.do("set_clock", offset=offset)
    world.do("attempt", about="auth.clock-skew", should="succeed" if little else "fail")


def roles(world: World, draw: Draw) -> None:
    """A role is taken away in the middle of work, and given back."""
    world.begin()
    oauth = draw.walk((False, True)) and "oauth" in world.instance.capabilities
    if oauth:
        world.do("use_jwt")
    world.do("attempt", about="auth.jwt" if oauth else "auth.basic", should="succeed")
    role = draw.walk(rights.ROLES)
    world.do("take_role", role=role)
    # What a row wrote before its transform was refused stays, as on the product.
    should = "reported" if role == "import_transformer" else "fail"
    world.do("attempt", about="rights.role-removed", should=should, text=f"without {role}")
    world.do("give_role", role=role)
    world.do("attempt", about="rights.restored", should="succeed", text="with the role again")


def privileges(world: World, draw: Draw) -> None:
    """A cross-scope privilege is withdrawn in the middle of work, and given back."""
    world.begin()
    world.do("attempt", about="auth.basic", should="succeed")
    name = draw.walk(rights.PRIVILEGES)
    world.do("set_privilege", name=name, status=draw.walk(("denied", "requested")))
    world.do("try_without_privilege")
    world.do("attempt", about="rights.privilege-removed", should="either", correlation_id="r:b")
    world.do("set_privilege", name=name, status="allowed")
    world.do("attempt", about="rights.restored", should="succeed", correlation_id="r:b", text="allowed again")


def locked_out(world: World, draw: Draw) -> None:
    """The user is locked out in the middle of work, with whatever the connector signs in."""
    world.begin()
    if draw.walk((False, True)) and "oauth" in world.instance.capabilities:
        world.do("use_jwt")
    world.do("attempt", about="rights.restored", should="succeed")
    column, value, back = draw.walk((("active", "false", "true"), ("locked_out", "true", "false")))
    world.do("set_user", column=column, value=value)
    world.do("attempt", about="rights.inactive-user", should="fail", text="locked out")
    world.do("set_user", column=column, value=back)
    if column == "active":
        # An instance locks the users that it makes inactive.
        world.do("set_user", column="locked_out", value="false")
    world.do("insist", about="rights.restored", text="back again")


ALL = tuple(rule.id for rule in (*signing_in.RULES, *rights.RULES, correlation.RESULT, importing.SCOPED))
CONTROL = frozenset({"control"})
WITH_KEYS = frozenset({"control", "oauth"})
BY_KEY = frozenset({"oauth"})
SCENARIOS = (
    Scenario("basic", "User name and password, right and wrong", ALL, body=basic, needs=CONTROL),
    Scenario(
        "names",
        "Users and passwords of all characters",
        ALL,
        body=names,
        needs=CONTROL,
        asks=frozenset({"basic", "pushToService"}),
        share=0.5,
        cards=len(PASSWORDS),
    ),
    Scenario("jwt", "Signing in with a key", ALL, body=key, needs=WITH_KEYS, asks=BY_KEY, share=0.4),
    Scenario(
        "jwt-wrong",
        "Signing in with a key that does not fit",
        ALL,
        body=wrong_key,
        needs=WITH_KEYS,
        asks=BY_KEY,
        cards=len(WRONG_WITH_JWT),
    ),
    Scenario(
        "jwt-locked", "A private key with a password", ALL, body=locked_key, needs=WITH_KEYS, asks=BY_KEY, share=0.3
    ),
    Scenario(
        "jwt-expiring", "Tokens that live for a second", ALL, body=expiring, needs=WITH_KEYS, asks=BY_KEY, share=0.3
    ),
    Scenario(
        "jwt-slow",
        "Tokens that take longer to come than they live",
        ALL,
        body=slow_tokens,
        needs=WITH_KEYS | {"clock", "faults"},
        asks=BY_KEY,
        share=0.02,
    ),
    Scenario(
        "jwt-fresh", "An assertion for each token", ALL, body=fresh, needs=WITH_KEYS | {"clock"}, asks=BY_KEY, share=0.1
    ),
    Scenario("jwt-revoked", "Tokens that end early", ALL, body=revoked, needs=WITH_KEYS, asks=BY_KEY, share=0.3),
    Scenario("jwt-rotated", "Keys that are replaced", ALL, body=rotated, needs=WITH_KEYS, asks=BY_KEY, share=0.5),
    Scenario(
        "jwt-separate",
        "Connectors that share nothing",
        ALL,
        body=two_connectors,
        needs=WITH_KEYS,
        asks=BY_KEY,
        share=0.3,
    ),
    Scenario("jwt-clocks", "Clocks that differ", ALL, body=clocks, needs=WITH_KEYS, asks=BY_KEY, share=0.5),
    Scenario(
        "overheard",
        "An instance that repeats secrets",
        (*ALL, trouble.HONEST.id),
        body=overheard,
        needs=CONTROL | {"faults"},
        cards=len(ECHOES_OF_BASIC),
        share=2,
    ),
    Scenario("roles", "Roles that are taken away", ALL, body=roles, needs=CONTROL, share=0.7),
    Scenario("privileges", "Cross-scope privileges that are withdrawn", ALL, body=privileges, needs=CONTROL, share=0.8),
    Scenario("locked-out", "A user who is locked out", ALL, body=locked_out, needs=CONTROL, share=0.5),
)
