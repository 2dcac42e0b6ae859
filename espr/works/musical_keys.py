"""Names of keys in several languages → one: "c sharp minor".

English (C-sharp minor, C# minor, in B flat, in c), German, Polish and Czech (cis-Moll, Es-dur,
H-moll; B is B flat there), French, Italian, Spanish and Portuguese (ut mineur, Do maggiore, si
bémol majeur, do menor), Dutch (c klein). The text is folded with its case: "in c" is C minor.
"""

from __future__ import annotations

import re

_SHARP = r"(?:sharp|#|is|diese|dieze|diez|diesis|sostenido|sustenido|sostingut)"
_FLAT = r"(?:flat|b|bemolle|bemoll|bemol)"
_ENGLISH = re.compile(
    r"\b(?:in\s+)?([A-Ga-g])(?:\s*-?\s*(sharp|flat|#|b))?\s*-?\s*(major|minor|maj|min)\b\.?",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    r"\b(?:(?:in|v|u)\s+)?(ces|ciss?z?|c|des|dis|d|essz?|esz|es|eis|e|fes|fiss?z?|f|ges|giss?z?|g|assz?|asz|as|ais|a|bes|b|his|h)"
    r"\s*-?\s*(dur|duru|duur|duuri|moll|mol|molu|molli|groot|klein|majeur|mineur)(?:e? terts)?\b",
    re.IGNORECASE,
)
_ROMANCE = re.compile(
    r"\b(?:(?:en|in|em)\s+)?(do|ut|re|mi|fa|sol|la|si)(?:\s*-?\s*"
    rf"({_SHARP}|{_FLAT}))?\s*-?\s*(majeur|mineur|maggiore|minore|mayor|menor|maior|major|minor)\b",
    re.IGNORECASE,
)
# No mode: capital letters are major. What follows must not make "in a" an article.
_BARE = re.compile(
    r"\b[iI]n\s+([A-Ga-g])(?:\s*-?\s*([Ss]harp|[Ff]lat|#|b(?![a-z])))?(?=\s*(?:$|[,;:.()\[\]\"'/-]"
    r"|(?:for|op|opus|k|kv|kk|l|bwv|d|hob|h|s|sz|woo|no|nr|rv|hwv)\b|[A-Za-z]{1,3}\.?\s?\d))"
)
# A sharp or flat says enough by itself, whatever follows: "Polonaise in A-flat Live".
_BARE_ACCIDENTAL = re.compile(r"\b[iI]n\s+([A-G])\s*-?\s*([Ss]harp|[Ff]lat|#|b(?![a-z]))(?![\w-])")
_NOTES = dict(zip(["do", "ut", "re", "mi", "fa", "sol", "la", "si"], "ccdefgab", strict=True))


def _german(name: str) -> str:
    name = re.sub(r"(?<=[ise])(?:ss|sz)$|(?<=[iea])sz?$", "s", name.lower())
    special = {"es": "e flat", "as": "a flat", "b": "b flat", "bes": "b flat", "h": "b"}
    if name in special:
        return special[name]
    note = "b" if name[0] == "h" else name[0]
    return note + {"": "", "is": " sharp", "es": " flat"}[name[1:]]


def _accidental(text: str | None) -> str:
    if not text:
        return ""
    return " sharp" if re.fullmatch(_SHARP, text.lower()) else " flat"


def find_key(text: str) -> tuple[str, str]:
    """The key of a folded title, "" when it names none, and the title without it."""
    if match := _ROMANCE.search(text):
        mode = "major" if match[3].lower()[:2] == "ma" else "minor"
        key = f"{_NOTES[match[1].lower()]}{_accidental(match[2])} {mode}"
    elif match := _ENGLISH.search(text):
        mode = "major" if match[3].lower().startswith("maj") else "minor"
        key = f"{match[1].lower()}{_accidental(match[2])} {mode}"
    elif match := _GERMAN.search(text):
        mode = "major" if match[2].lower()[:2] in ("du", "gr", "ma") else "minor"
        key = f"{_german(match[1])} {mode}"
    elif match := _BARE_ACCIDENTAL.search(text) or _BARE.search(text):
        mode = "major" if match[1].isupper() else "minor"
        key = f"{match[1].lower()}{_accidental(match[2])} {mode}"
    else:
        return "", text
    return key, f"{text[: match.start()]} , {text[match.end() :]}"
