"""Plots as SVG, drawn on the server: bars, stacked bars by day, and shares. Colours are classes of the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDE, NARROW, HEIGHT = 1080, 520, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 10, 10, 26
COLOURS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, how much, and where it leads."""

    label: str
    amount: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One amount a day, or of whatever the plot has below it."""

    name: str
    amounts: tuple[int, ...]


def bars(rows: Sequence[Bar], root: str = "") -> str:
    """Return horizontal bars with their labels and amounts."""
    if not rows:
        return ""
    most = max((each.amount for each in rows), default=0) or 1
    step, label_width = 26, 170
    height = step * len(rows) + 4
    parts = [_open(NARROW, height, ", ".join(f"{each.label}: {each.amount}" for each in rows))]
    room = NARROW - label_width - 70
    for index, each in enumerate(rows):
        y = index * step + 4
        width = max(room * each.amount / most, 2 if each.amount else 0)
        parts.append(
            f'<text x="{label_width - 8}" y="{y + 14}" text-anchor="end">{escape(_short(each.label, 22))}</text>'
            f'<rect class="s1" x="{label_width}" y="{y}" width="{width:.1f}" height="18" rx="3"/>'
            f'<text class="value" x="{label_width + width + 6:.1f}" y="{y + 14}">{each.amount:,}</text>'
        )
    return "".join(parts) + "</svg>"


def columns(labels: Sequence[str], series: Sequence[Series]) -> str:
    """Return columns beside each other for each label, such as a day, with a scale on the left."""
    if not labels:
        return ""
    most = max((amount for each in series for amount in each.amounts), default=0)
    top = _round_up(most)
    told = "; ".join(f"{each.name}: {sum(each.amounts)}" for each in series)
    parts = [_open(WIDE, HEIGHT, told)]
    room, depth = WIDE - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    for share in (0, 0.5, 1):
        y = TOP + depth * (1 - share)
        parts.append(
            f'<line class="{"grid" if share else "axis"}" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_amount(top * share)}</text>'
        )
    slot = room / len(labels)
    width = max(slot * 0.8 / max(len(series), 1), 1)
    every = max(len(labels) // 8, 1)
    for index, label in enumerate(labels):
        x = LEFT + slot * index
        for number, each in enumerate(series):
            amount = each.amounts[index]
            if amount:
                height = depth * amount / top
                parts.append(
                    f'<rect class="s{number % COLOURS + 1}" x="{x + slot * 0.1 + width * number:.1f}" '
                    f'y="{TOP + depth - height:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1">'
                    f"<title>{escape(label)} {escape(each.name)}: {amount}</title></rect>"
                )
        if index % every == 0:
            parts.append(f'<text x="{x + slot / 2:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>')
    return "".join(parts) + "</svg>"


def _open(width: int, height: int, told: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(told)}">'


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _round_up(amount: int) -> int:
    """Return the next number that reads well on a scale."""
    size = 1
    while True:
        for factor in (2, 4, 10):
            if size * factor >= amount:
                return size * factor
        size *= 10


def _amount(value: float) -> str:
    return f"{value:,.0f}"
