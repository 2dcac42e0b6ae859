"""Where the data sets lie, and what to say when one is not there.

Looked for in the folder that the user names, else in ``ESPR_DATA``, else in the folder
``datasets`` of the user's data directory; each in a folder of its own name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from espr.datasets import con_espressione, percepiano
from espr.errors import EsprError

# What a folder must hold to be the data set, and how to get it.
TABLES = {
    "con-espressione": con_espressione.TABLE,
    "percepiano": percepiano.RATINGS,
    "musiccaps": "musiccaps-public.csv",
    "pitchfork": "pitchfork.csv",
}
_HOW = {
    "con-espressione": "it is the table of the Con Espressione Game, zenodo record 3968828, and "
    "your own recordings of the performances in it, as audio/PIECE_NAME_PERFORMER.mp3 (or .flac, "
    ".wav …)",
    "percepiano": "it is published with the paper of Park et al. 2024: its ratings.csv and its "
    "folder midi",
    "musiccaps": "it is published by Agostinelli et al. 2023; the clips' sound, named by ytid, is "
    "the user's own: --augment-audio FOLDER",
    "pitchfork": "it is a table of your own, recordings and their reviews: audio, text",
}


def find_data_set(name: str, folders: Sequence[Path]) -> Path:
    """The folder of a data set.

    Parameters
    ----------
    folders : sequence of Path
        Each the data set's own folder, or one that holds it under its name.

    Raises
    ------
    EsprError
        When none of them has its table; the message says how to get it.
    """
    places = [place for folder in folders for place in (folder / name, folder)]
    for place in places:
        if (place / TABLES[name]).is_file():
            return place
    looked = ", ".join(str(folder) for folder in folders)
    raise EsprError(
        f"{name}: no {TABLES[name]} in {looked} nor in a folder {name} there; {_HOW[name]}"
    )


def data_set_folders(named: Path | None) -> list[Path]:
    """Where data sets are looked for."""
    if named is not None:
        return [named]
    from espr.paths import data_folders

    *chosen, own = data_folders()
    return [*chosen, own / "datasets"]
