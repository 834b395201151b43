"""Correlation IDs, descriptions and comments as they occur, and as they hurt."""

from __future__ import annotations

from hypothesis import strategies as st

from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID

# Characters that mean something to an encoded query, a URL, a form, JSON, XML, a shell, or a person's eye.
SPECIAL = "^&#+%=,'\"\\<>{}|;:@/?!*~`$()[] "
WIDE = "äßéЖ語🙂\u202e\u200f"
RULE_IDS = ("rule-1", "6f1c2d7e-93a1-4b5d-8a5c-0c2b7a3d9e10", "Disk usage")
HOSTS = ("host-1", "host-2", "web,01", "*")


def plain_ids() -> st.SearchStrategy[str]:
    """IDs as the default template makes them: a rule and an alert."""
    return st.builds("{}:{}".format, st.sampled_from(RULE_IDS), st.sampled_from(HOSTS))


def odd_ids() -> st.SearchStrategy[str]:
    """IDs with characters that break a careless query or a careless URL; never blank at either end."""
    inner = st.text(st.sampled_from(SPECIAL + WIDE + "aZ0\n\t"), min_size=0, max_size=12)
    crafted = st.sampled_from(
        (
            "x^ORactive=true",
            "x^NQactive=true",
            "x^ORDERBYDESCnumber",
            "x^correlation_idISEMPTY",
            "a&sysparm_limit=0",
            "a#b",
            "a+b",
            "100%41",
            "a^^b",
            "a^b",
            "javascript:gs.getUserID()",
            "x=y",
            "a,b",
            "%",
            "_",
            "a\nb",
            "a\\b",
            "' OR '1'='1",
            "null",
            "undefined",
            "{{alert.id}}",
        )
    )
    return st.one_of(
        crafted, st.builds("r:{}z".format, inner), st.builds("{}:end".format, inner.map(lambda text: "s" + text))
    )


def long_ids() -> st.SearchStrategy[str]:
    """IDs around the limit: one less, exactly, one more, many more; of narrow and of wide characters."""
    lengths = st.sampled_from(
        (LONGEST_CORRELATION_ID - 1, LONGEST_CORRELATION_ID, LONGEST_CORRELATION_ID + 1, LONGEST_CORRELATION_ID + 60)
    )
    fill = st.sampled_from("aé語🙂")
    tail = st.sampled_from(("x", "y"))
    return st.builds(lambda length, char, end: "r:" + char * (length - 3) + end, lengths, fill, tail)


def padded_ids() -> st.SearchStrategy[str]:
    """IDs that are over the limit because of the blanks at their ends, which are characters as good as any."""
    ends = st.sampled_from((("", " "), (" ", ""), ("", "   "), (" ", " "), ("", "\t"), ("", "\n")))
    fill = st.sampled_from("aé語🙂")
    return st.builds(lambda end, char: end[0] + "r:" + char * (LONGEST_CORRELATION_ID - 3) + "x" + end[1], ends, fill)


def blank_ids() -> st.SearchStrategy[str | None]:
    """IDs that name nothing: absent, empty, blank."""
    return st.sampled_from((None, "", " ", "   ", "\t"))


def descriptions() -> st.SearchStrategy[str]:
    """Short descriptions: never empty, sometimes with markup or quotes."""
    return st.sampled_from(
        ("CPU is high", "Disk <b>full</b> & slow", 'He said "no"', "Ümläut 語", "a^b=c", "line one\nline two")
    )


def comments() -> st.SearchStrategy[list[str]]:
    """No, one or several comments; repeated ones, too."""
    return st.lists(
        st.sampled_from(("first look", "second look", "done & dusted", "[code]<b>x</b>[/code]", "語 ^ = ,")), max_size=3
    )


def case_variants(text: str) -> st.SearchStrategy[str]:
    """The same ID in another case."""
    return st.sampled_from((text, text.upper(), text.lower()))
