"""Text from files on its way to a terminal or a spreadsheet.

File names and tags come from anywhere: they may hold terminal escapes, newlines, marks that
turn the direction of writing, or a spreadsheet's formula.
"""

from __future__ import annotations

import unicodedata

# Control, format (zero-width and bidirectional marks), surrogate, private use and unassigned.
# A line or paragraph separator breaks a line like a newline.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LONGEST = 500
LONGEST_CELL = 32_767  # letters, of a spreadsheet
_FORMULA = tuple("=+-@＝＋－＠")


def clean(text: object, longest: int = _LONGEST) -> str:
    """``text`` without what could steer a terminal, on one line, cut to ``longest`` letters.

    A byte of a file name that is not UTF-8 is shown as ``\\xNN``.
    """
    shown = []
    for letter in str(text)[: 4 * longest]:
        if "\udc80" <= letter <= "\udcff":  # os.fsdecode's surrogate for a byte
            shown.append(f"\\x{ord(letter) - 0xDC00:02x}")
        elif letter in "\t\n\r":
            shown.append(" ")
        # a joiner within an emoji is harmless, but so is losing it
        elif unicodedata.category(letter) not in _UNPRINTABLE:
            shown.append(letter)
    line = "".join(shown)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def csv_safe(text: object, longest: int = _LONGEST) -> str:
    """``text`` cleaned, and quoted with an apostrophe where a spreadsheet would compute it."""
    cell = clean(text, longest)
    # spreadsheets pass over blanks before a formula, and some read full-width signs
    return f"'{cell}" if cell.lstrip()[:1] in _FORMULA else cell


def counted(number: int, thing: str) -> str:
    """``1 piece``, ``2 pieces``."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
