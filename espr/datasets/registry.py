"""Where the data sets lie, and what to say when one is not there.

Looked for in the folder that the user names, else in ``ESPR_DATA``, else in the folder
``datasets`` of the user's data directory; each in a folder of its own name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from espr.datasets import con_espressione, described_recordings, percepiano
from espr.datasets.data_set import DataSet
from espr.errors import EsprError

DATA_SETS: dict[str, DataSet] = {
    one.name: one
    for one in (
        con_espressione.DATA_SET,
        percepiano.DATA_SET,
        described_recordings.MUSICCAPS,
        described_recordings.PITCHFORK,
    )
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
        When none of them has its table; the message says what is missing, its advice where it
        is published and where to put it.
    """
    data_set = DATA_SETS[name]
    places = [place for folder in folders for place in (folder / name, folder)]
    for place in places:
        if (place / data_set.table).is_file():
            return place
    place = folders[0] / name
    looked = ", ".join(str(folder) for folder in folders)
    raise EsprError(
        f"{name}: no {data_set.table} in {looked} nor in a folder {name} there",
        advice=(
            f"{data_set.title} is published {data_set.published}; licence: {data_set.licence}",
            f"put {data_set.place} into {place}, or name another folder with --data-dir",
        ),
    )


def data_set_folders(named: Path | None) -> list[Path]:
    """Where data sets are looked for."""
    if named is not None:
        return [named]
    from espr.paths import data_folders

    *chosen, own = data_folders()
    return [*chosen, own / "datasets"]
