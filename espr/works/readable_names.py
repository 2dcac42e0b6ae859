"""Names of files and folders as people read them. Imports little: a query shows such names."""

from __future__ import annotations

import os
import re

from espr.folding import fold, words

_NUMBER_PART = re.compile(r"(?i)((?<![a-z])(?:op(?:us)?|kv?|bwv|d|hob|s)\.?[ -]?\d+)_(?=\d)")


def stem(path: str) -> str:
    """The file name without folder and extension."""
    return os.path.splitext(os.path.basename(path))[0]


def name_key(name: str) -> str:
    """A name without case, accents and punctuation: "My Waltz" and "my_waltz" are one."""
    return "-".join(words(fold(name))) or name


def readable(name: str) -> str:
    """A file or folder name as a title: "Op. 87_4" as "Op. 87/4", "Sonata_ 2. Menuetto" with ":".

    File systems allow no ":", "/" or quotes, so that writers of names put "_" there; where a name
    has no spaces, "_" stands for them.
    """
    text = _NUMBER_PART.sub(r"\1/", name)
    if " " in text:
        text = re.sub(r"(?<=\d)_(?=\d)", "/", text)
        text = re.sub(r"-?_(\w[^_]*)_(?=_| |$)", r' "\1"', text)
        text = re.sub(r"_+ ", ": ", text)
    return re.sub(r"\s+", " ", text.replace("_", " ")).strip(" -")
