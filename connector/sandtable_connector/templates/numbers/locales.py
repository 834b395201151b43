"""Languages and regions for numbers: signs, patterns, names of currencies and units, from the CLDR data of Babel.

What Babel leaves out stands here: where four digits are not grouped, the digits of numbering systems, and the short
signs of currencies. Source: Unicode CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

from sandtable_connector.templates.script_values import ScriptError

_TAG = re.compile(
    r"(?:[a-z]{2,3}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?P<extensions>(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*)(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"-u(?:-[a-z0-9]{2,8})*?-nu-([a-z0-9]{3,8})(?:-|$)", re.IGNORECASE)
_FOUR_DIGITS_TOGETHER = frozenset(["be", "bg", "et", "hu", "hy", "ia", "ie", "it", "ka", "lv", "pl", "sl", "sq"])
_GROUPS_FOUR = {"pt": frozenset({"", "BR"})}
_TOGETHER_IN = {"es": frozenset({"", "ES", "PH", "GQ", "EA", "IC"}), "ru": frozenset({"UA"})}
_ZEROS = {
    "adlm": 0x1E950,
    "ahom": 0x11730,
    "arab": 0x660,
    "arabext": 0x6F0,
    "bali": 0x1B50,
    "beng": 0x9E6,
    "bhks": 0x11C50,
    "brah": 0x11066,
    "cakm": 0x11136,
    "cham": 0xAA50,
    "deva": 0x966,
    "diak": 0x11950,
    "fullwide": 0xFF10,
    "gara": 0x10D40,
    "gong": 0x11DA0,
    "gonm": 0x11D50,
    "gujr": 0xAE6,
    "gukh": 0x16130,
    "guru": 0xA66,
    "hmng": 0x16B50,
    "hmnp": 0x1E140,
    "java": 0xA9D0,
    "kali": 0xA900,
    "kawi": 0x11F50,
    "khmr": 0x17E0,
    "knda": 0xCE6,
    "krai": 0x16D70,
    "lana": 0x1A80,
    "lanatham": 0x1A90,
    "laoo": 0xED0,
    "latn": 0x30,
    "lepc": 0x1C40,
    "limb": 0x1946,
    "mathbold": 0x1D7CE,
    "mathdbl": 0x1D7D8,
    "mathmono": 0x1D7F6,
    "mathsanb": 0x1D7EC,
    "mathsans": 0x1D7E2,
    "mlym": 0xD66,
    "modi": 0x11650,
    "mong": 0x1810,
    "mroo": 0x16A60,
    "mtei": 0xABF0,
    "mymr": 0x1040,
    "mymrepka": 0x116DA,
    "mymrpao": 0x116D0,
    "mymrshan": 0x1090,
    "mymrtlng": 0xA9F0,
    "nagm": 0x1E4F0,
    "newa": 0x11450,
    "nkoo": 0x7C0,
    "olck": 0x1C50,
    "onao": 0x1E5F1,
    "orya": 0xB66,
    "osma": 0x104A0,
    "outlined": 0x1CCF0,
    "rohg": 0x10D30,
    "saur": 0xA8D0,
    "segment": 0x1FBF0,
    "shrd": 0x111D0,
    "sind": 0x112F0,
    "sinh": 0xDE6,
    "sora": 0x110F0,
    "sund": 0x1BB0,
    "sunu": 0x11BF0,
    "takr": 0x116C0,
    "talu": 0x19D0,
    "tamldec": 0xBE6,
    "telu": 0xC66,
    "thai": 0xE50,
    "tibt": 0xF20,
    "tirh": 0x114D0,
    "tnsa": 0x16AC0,
    "tols": 0x11DE0,
    "vaii": 0xA620,
    "wara": 0x118E0,
    "wcho": 0x1E2F0,
}
# Babel has the patterns of one numbering system for each language.
_AMOUNTS = {
    ("", "arab"): ("#,##0.00\xa0¤", "#,##0.00\xa0¤"),
    ("ar", "arab"): ("\u200f#,##0.00\xa0¤", "\u200f#,##0.00\xa0¤"),
    ("fa", "arab"): ("\u200e¤#,##0.00", "\u200e¤#,##0.00"),
    ("fa", "arabext"): ("\u200e¤#,##0.00", "\u200e¤\xa0#,##0.00;\u200e(¤\xa0#,##0.00)"),
}
# Where Node's data (CLDR 48) and Babel's differ in what every number shows.
_SIGNS = {("de", "AT"): {"group": "\xa0"}, ("fr", "CH"): {"group": "\u202f"}}
_HAN_DIGITS = "〇一二三四五六七八九"
_DOLLARS = (
    "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUC CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD USD "
    "UYU XCD"
)
_SHORT_SIGNS = {
    **dict.fromkeys(_DOLLARS.split(), "$"),
    **dict.fromkeys(["FKP", "GBP", "GIP", "SHP", "SSP", "SYP"], "£"),
    **dict.fromkeys(["CNY", "JPY"], "¥"),
    **dict.fromkeys(["DKK", "ISK", "NOK", "SEK"], "kr"),
    **dict.fromkeys(["KPW", "KRW"], "₩"),
    **dict.fromkeys(["LKR", "MUR", "NPR", "PKR"], "Rs"),
    "AFN": "؋",
    "AMD": "֏",
    "AOA": "Kz",
    "AZN": "₼",
    "BAM": "KM",
    "BDT": "৳",
    "BOB": "Bs",
    "BWP": "P",
    "CRC": "₡",
    "CZK": "Kč",
    "EGP": "E£",
    "GEL": "₾",
    "GHS": "GH₵",
    "GNF": "FG",
    "GTQ": "Q",
    "HNL": "L",
    "HRK": "kn",
    "HUF": "Ft",
    "IDR": "Rp",
    "KGS": "⃀",
    "KHR": "៛",
    "KMF": "CF",
    "KZT": "₸",
    "LAK": "₭",
    "LBP": "L£",
    "MGA": "Ar",
    "MMK": "K",
    "MNT": "₮",
    "MYR": "RM",
    "NGN": "₦",
    "NIO": "C$",
    "PLN": "zł",
    "PYG": "₲",
    "RON": "lei",
    "RUB": "₽",
    "RWF": "RF",
    "STN": "Db",
    "THB": "฿",
    "TOP": "T$",
    "TRY": "₺",
    "UAH": "₴",
    "ZAR": "R",
    "ZMW": "ZK",
}


class NumberLocale:
    """What numbers look like in one language and region, in one numbering system."""

    def __init__(self, locale: Locale, numbering: str) -> None:
        self.locale = locale
        self.data: Mapping[str, Any] = locale._data  # noqa: SLF001 units, compact and accounting patterns are nowhere else
        native = str(self.data.get("default_numbering_system", "latn"))
        self.numbering = numbering if numbering in _ZEROS or numbering == "hanidec" else native
        symbols = self.data["number_symbols"]
        # A numbering system may name only what differs from the Latin signs.
        own = {**symbols["latn"], **symbols.get(self.numbering, {})}
        self.symbols: Mapping[str, str] = {**own, **_SIGNS.get((locale.language, locale.territory or ""), {})}

    def currency_pattern(self, sign: str) -> str:
        """Return the pattern of amounts; `sign` is standard or accounting."""
        own = _AMOUNTS.get((self.locale.language, self.numbering)) or _AMOUNTS.get(("", self.numbering))
        return own[sign == "accounting"] if own else str(self.data["currency_formats"][sign].pattern)

    def digits(self, text: str) -> str:
        """Return a text with its ASCII digits replaced by those of the numbering system."""
        if self.numbering == "latn":
            return text
        if self.numbering == "hanidec":
            own = _HAN_DIGITS
        else:
            own = "".join(chr(_ZEROS[self.numbering] + digit) for digit in range(10))
        return text.translate(str.maketrans("0123456789", own))

    @property
    def least_grouped(self) -> int:
        """How many digits must stand before the first group's sign."""
        language, region = self.locale.language, self.locale.territory or ""
        if language in _GROUPS_FOUR:
            return 1 if region in _GROUPS_FOUR[language] else 2
        together = language in _FOUR_DIGITS_TOGETHER or region in _TOGETHER_IN.get(language, ())
        return 2 if together else 1

    def plural(self, number: Any) -> str:
        """Return the plural category of a number as it is printed (a Decimal with its trailing zeros)."""
        return str(self.locale.plural_form(number))

    def currency_sign(self, code: str, display: str) -> str:
        """Return what stands for a currency: its code, its sign in this language, or its short sign."""
        if display == "code":
            return code
        own = str(self.data["currency_symbols"].get(code, code))
        if display == "narrowSymbol" and self.locale.language != "ar":
            return _SHORT_SIGNS.get(code, own) if own == code or len(own) > 1 else own
        return "¤" if code == "XXX" else own


def locale_of(tags: list[str], numbering: str) -> NumberLocale:
    """Return the first locale that is known, English where none is; ScriptError for what is no locale at all."""
    for tag in tags:
        if not _TAG.fullmatch(tag) or len(tag.split("-")[0]) == 4:
            raise ScriptError("Incorrect locale information provided")
    for tag in tags:
        locale = _known(tag)
        if locale is not None:
            named = _NUMBERING.search(tag)
            asked = numbering if numbering in _ZEROS or numbering == "hanidec" else named[1].lower() if named else ""
            return NumberLocale(locale, asked)
    return NumberLocale(Locale("en", "US"), numbering)


@lru_cache(maxsize=256)
def _known(tag: str) -> Locale | None:
    parts = re.split(r"-[0-9a-z](?:-|$)", tag, maxsplit=1, flags=re.IGNORECASE)[0].split("-")
    while parts:
        try:
            return Locale.parse("_".join(parts))
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return None
