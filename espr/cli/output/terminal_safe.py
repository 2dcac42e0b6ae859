"""Text from files on its way to a terminal or a spreadsheet, which would compute a formula."""

from __future__ import annotations

from espr.printable import LONGEST, clean, counted

__all__ = ["LONGEST_CELL", "clean", "counted", "csv_safe"]

LONGEST_CELL = 32_767  # letters, of a spreadsheet
_FORMULA = tuple("=+-@＝＋－＠")


def csv_safe(text: object, longest: int = LONGEST) -> str:
    """``text`` cleaned, and quoted with an apostrophe where a spreadsheet would compute it."""
    cell = clean(text, longest)
    # spreadsheets pass over blanks before a formula, and some read full-width signs
    return f"'{cell}" if cell.lstrip()[:1] in _FORMULA else cell
