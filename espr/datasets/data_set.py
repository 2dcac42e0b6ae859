"""What is known of a data set: where it is published, whom to cite, its files, its licence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from espr.checksums import file_sha256

if TYPE_CHECKING:
    from espr.datasets.benchmark import Benchmark


@dataclass(frozen=True, slots=True)
class DataSet:
    """One entry a data set; its reader stands in the same file.

    Attributes
    ----------
    name : str
        On the command line, and of its folder.
    title : str
    table : str
        The file by which its folder is recognised.
    published : str
        Where: completes "it is published …".
    place : str
        What the user puts into the folder; completes "put …".
    licence : str
    bibtex : str
        Empty for a table of the user's own.
    sha256 : mapping
        SHA-256 of files as they were published, by name, as far as they are known.
    read_benchmark : callable or None
        Folder → benchmark; None where it holds no pieces to rank within.
    read_midi_benchmark : callable or None
        The same for performances as MIDI; its second argument gives the rendering of a file.
    """

    name: str
    title: str
    table: str
    published: str
    place: str
    licence: str
    bibtex: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    read_benchmark: Callable[[Path], Benchmark] | None = None
    read_midi_benchmark: Callable[[Path, Callable[[Path], Path]], Benchmark] | None = None

    def notes_on_files(self, folder: Path) -> tuple[str, ...]:
        """Which files in its folder are not the published ones, a sentence each."""
        found = []
        for name, digest in self.sha256.items():
            if file_sha256(folder / name) != digest:
                found.append(f"{folder / name} is not the published file: its SHA-256 differs")
        return tuple(found)
