"""Correlation IDs, descriptions and comments as they occur, and as they hurt."""

from __future__ import annotations

import unicodedata

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


# IDs that mean something to whoever pastes them into a query, an address, a form or a template.
CRAFTED = (
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
    "^a",
    "a^",
    ",a",
    "a,",
    "a,b^ORactive=true",
    "%",
    "%2e%2e",
    "a%00b",
    "../a",
    "a?b=c",
    "a;b",
    "*",
    "-1",
    "+a",
    "ISEMPTY",
    "LIKE%",
    "${a}",
    "#{a}",
)


def odd_ids() -> st.SearchStrategy[str]:
    """IDs with characters that break a careless query or a careless URL; never blank at either end."""
    inner = st.text(st.sampled_from(SPECIAL + WIDE + "aZ0\n\t"), min_size=0, max_size=12)
    return st.one_of(
        st.sampled_from(CRAFTED),
        st.builds("r:{}z".format, inner),
        st.builds("{}:end".format, inner.map(lambda text: "s" + text)),
    )


def long_ids() -> st.SearchStrategy[str]:
    """IDs around the limit: one less, exactly, one more, many more; of narrow and of wide characters."""
    lengths = st.sampled_from(
        (LONGEST_CORRELATION_ID - 1, LONGEST_CORRELATION_ID, LONGEST_CORRELATION_ID + 1, LONGEST_CORRELATION_ID + 60)
    )
    fill = st.sampled_from("aé語🙂")
    tail = st.sampled_from(("x", "y"))
    return st.builds(lambda length, char, end: "r:" + char * (length - 3) + end, lengths, fill, tail)


# IDs at the limit by one way of counting and beyond it by another: characters that are one letter and two marks.
COUNTED = (
    "r:" + "e\u0301" * 49,
    "r:" + "e\u0301" * 49 + "x",
    "r:" + "\u00e9" * 97 + "x",
    "r:" + "\ud55c" * 98,
    "r:" + "\u1112\u1161\u11ab" * 33,
    "r:" + "\U0001f469\u200d\U0001f469" * 33,
    "r:" + "\ufb03" * 98,
    "r:" + "\ufb03" * 99,
)


def padded_ids() -> st.SearchStrategy[str]:
    """IDs that are over the limit because of the blanks at their ends, which are characters as good as any."""
    ends = st.sampled_from((("", " "), (" ", ""), ("", "   "), (" ", " "), ("", "\t"), ("", "\n")))
    fill = st.sampled_from("aé語🙂")
    return st.builds(lambda end, char: end[0] + "r:" + char * (LONGEST_CORRELATION_ID - 3) + "x" + end[1], ends, fill)


# An ID, and what is left of it where something takes it for a number or tidies it up: each is another alert's.
ALTERED = (
    ("0042", "42"),
    ("1e5", "100000"),
    ("0", "zero"),
    ("false", "no"),
    ("null", "nothing"),
    ("Ame\u0301lie", "Am\u00e9lie"),
    ("o\ufb03ce \uff21", "office A"),
    ("r:a  b", "r:a b"),
    ("r:a\u00a0b", "r:a b"),
    ("r:\ufeffa\u200bb\u2028c", "r:abc"),
    ("r:a\x07\x0bb\x7f", "r:ab"),
    ("r:a\r\nb", "r:a\nb"),
    ("r:a\u00adb", "r:ab"),
    ("r:a\u200db", "r:ab"),
    ("r:a\ufe0fb", "r:ab"),
    ("r:a\x80b\x9f", "r:ab"),
    ("r:a\x01\x1fb", "r:ab"),
    ("=1+1", "'=1+1"),
    ("-r:a", "r:a"),
    ("@r:a", "r:a"),
    ("r:a%20b", "r:a b"),
    ("r:a&amp;b", "r:a&b"),
    ("r:a\\nb", "r:a\nb"),
    ("r:a, r:b", "r:a"),
)


# What somebody who trims an ID makes the ID of another alert of.
BLANK_ENDS = ("r:a ", " r:a", "r:a\t", "r:a\n", "r:a\u00a0", "\u3000r:a", "r:a\ufeff", "r:a\x1f", "r:a\x85")


# IDs that name nothing: absent, empty, blank.
BLANKS: tuple[str | None, ...] = (None, "", " ", "   ", "\t", "\u00a0", "\u3000", "\r\n", "\x85")
# IDs of which nothing is left where somebody drops what cannot be seen.
UNSEEN = ("\x01", "\x1f", "\x7f", "\u200b", "\ufeff", "\u2060", "\u00ad", "\u200e", "\x00", " \u200b ", "\t\x02")


def is_unseen(text: str | None) -> bool:
    """Whether an ID is made of blanks, controls and format characters only, so that it may be taken for a blank one."""
    return bool(text) and all(letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf") for letter in text or "")


# Texts as people and programs write them, one for each thing that somebody might do to one on its way.
ALPHABET = (
    "\U0001f642 beyond the first plane \U0001d4b3",
    "a\ttab",
    "  blanks at both ends  ",
    "one\r\ntwo\nthree",
    "&amp; &lt;b&gt; &#39;",
    "100%41 %20 a+b",
    "a\\nb \\u0041 C:\\temp",
    "{{x}} ${y} #{z} %s",
    "'once' \"twice\" \u2018thrice\u2019",
    "Ame\u0301lie",
    "no\u00a0break",
    "zero\u200bwidth, so\u00adft",
    "0",
    "null",
    "=1+1",
    "a^b^^c=d,e",
    "[code]<b>x</b>[/code] <script>",
    "a;b|c`d`",
    "007",
    "javascript:gs.now()",
    "two  blanks \u3000 and wide ones",
    "\ufb03 \u2460 \uff21",
    "https://example.com/a?b=c&d#e",
    "a@example.com",
)
# As long as the column is, with blanks that somebody could cut off, and with what is a line end elsewhere.
LONG_DESCRIPTIONS = ("x" * 159 + "z", "語" * 159 + "z", "  two  blanks  ", "one\r\ntwo\ttabbed")


def descriptions() -> st.SearchStrategy[str]:
    """Short descriptions: never empty, sometimes with markup or quotes."""
    return st.sampled_from(
        ("CPU is high", "Disk <b>full</b> & slow", 'He said "no"', "Ümläut 語", "a^b=c", "line one\nline two")
    ) | st.sampled_from(LONG_DESCRIPTIONS)


LONG_COMMENTS = ("語" * 3900 + "z", "  indented\r\n\tand tabbed  ")


def comments() -> st.SearchStrategy[list[str]]:
    """No, one or several comments; repeated ones, too."""
    return st.lists(
        st.sampled_from(
            ("first look", "second look", "done & dusted", "[code]<b>x</b>[/code]", "語 ^ = ,", "", *LONG_COMMENTS)
        ),
        max_size=3,
    )


# More comments than a page or a digit holds, two of them alike.
A_DOZEN = (*(f"note {number}" for number in range(11)), "note 3")


def comment_ids() -> st.SearchStrategy[list[str]]:
    """IDs of three comments, in an order that is none by itself."""
    return st.permutations(("9", "10", "b6cfa1e0-note")).map(list)


def case_variants(text: str) -> st.SearchStrategy[str]:
    """The same ID in another case."""
    return st.sampled_from((text, text.upper(), text.lower()))
