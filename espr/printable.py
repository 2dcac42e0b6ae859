"""Text from files on its way to people: what could steer a terminal is left out.

File names and tags come from anywhere: they may hold terminal escapes, newlines, or marks that
turn the direction of writing.
"""

from __future__ import annotations

import unicodedata

# Control, format (zero-width and bidirectional marks), surrogate, private use and unassigned.
# A line or paragraph separator breaks a line like a newline.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
LONGEST = 500
LONGEST_PATH = 32_768  # letters; no system has longer ones


def clean(text: object, longest: int = LONGEST, keep: str = "") -> str:
    """``text`` without what could steer a terminal, on one line, cut to ``longest`` letters.

    A byte of a file name that is not UTF-8 is shown as ``\\xNN``. ``keep``: letters that stay.
    """
    shown = []
    for letter in str(text)[: 4 * longest]:
        if "\udc80" <= letter <= "\udcff":  # os.fsdecode's surrogate for a byte
            shown.append(f"\\x{ord(letter) - 0xDC00:02x}")
        elif letter in "\t\n\r":
            shown.append(" ")
        # a joiner within an emoji is harmless, but so is losing it
        elif letter in keep or unicodedata.category(letter) not in _UNPRINTABLE:
            shown.append(letter)
    line = "".join(shown)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def counted(number: int, thing: str) -> str:
    """``1 piece``, ``2 pieces``."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def print_track(path: str, start: float, *, whole: bool) -> str:
    """A recording as people are shown it and may name it: ``album.flac at 0:40``.

    ``start``: seconds into the file, of which a recording need not be the ``whole``.
    """
    return clean(path, LONGEST_PATH) + ("" if whole else at_start(start))


def at_start(seconds: float) -> str:
    """Where in its file a recording starts, behind its name: `` at 0:40``, minutes above 59."""
    minutes, rest = divmod(round(seconds), 60)
    return f" at {minutes}:{rest:02}"


def clock(seconds: float) -> str:
    """Seconds as ``0:35`` or ``1:02:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
