"""What `espr evaluate` reads: the data set, augmentations, renderings of MIDI with a bar."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.datasets.benchmark import Benchmark
    from espr.datasets.described_recordings import Augmentation
    from espr.midi.rendering import Renderer

NAMED = ("musiccaps", "pitchfork", "percepiano")


def read_benchmark(name: str, data_dir: Path | None, sound_font: str | None) -> Benchmark:
    """Read a benchmark from the folder that was named, or where data sets are looked for."""
    from espr.datasets.registry import DATA_SETS, data_set_folders, find_data_set
    from espr.midi.rendering import Renderer

    data_set = DATA_SETS[name]
    folder = find_data_set(name, data_set_folders(data_dir))
    if data_set.read_benchmark is not None:
        return data_set.read_benchmark(folder)
    assert data_set.read_midi_benchmark is not None, f"{name} is no benchmark"
    renderer = Renderer(sound_font)
    _render_all(renderer, folder)
    return data_set.read_midi_benchmark(folder, renderer.path_of)


def read_augmentation(
    name: str, data_dir: Path | None, audio: Path | None, sound_font: str | None
) -> Augmentation:
    """Read a known augmentation, or a CSV file of recordings and texts.

    Parameters
    ----------
    audio : Path, optional
        Folder of the recordings that tables name.
    """
    from espr.datasets.described_recordings import of_benchmark, read_described, read_musiccaps
    from espr.datasets.registry import DATA_SETS, data_set_folders, find_data_set

    if name == "percepiano":
        return of_benchmark(read_benchmark(name, data_dir, sound_font))
    if name not in NAMED:
        if not name.lower().endswith(".csv"):
            raise EsprError(f"no augmentation {name!r}; there are {', '.join(NAMED)}, or FILE.csv")
        return read_described(Path(name), audio)
    folder = find_data_set(name, data_set_folders(data_dir))
    table = folder / DATA_SETS[name].table
    if name == "musiccaps":
        return read_musiccaps(table, audio or folder / "audio")
    return read_described(table, audio)


def read_augmentations(
    names: Iterable[str],
    data_dir: Path | None,
    audio: Path | None,
    sound_font: str | None,
    lacking: dict[str, str] | None = None,
) -> dict[str, Augmentation]:
    """Augmentations by name; with ``lacking``, it holds why some cannot be read."""
    found = {}
    for name in dict.fromkeys(names):
        try:
            found[name] = read_augmentation(name, data_dir, audio, sound_font)
        except EsprError as error:
            if lacking is None:
                raise
            lacking[name] = "; ".join((str(error), *error.advice[:1]))
    return found


def _render_all(renderer: Renderer, folder: Path) -> None:
    """Render what is not in the cache yet, with a bar."""
    from concurrent.futures import ThreadPoolExecutor
    from os import cpu_count

    from rich.console import Console
    from rich.progress import track

    files = sorted((folder / "midi").glob("*.mid"))
    absent = [midi for midi in files if not renderer.path_of(midi).is_file()]
    if not absent:
        return
    errors = Console(stderr=True)
    # threads only wait for the programs
    with ThreadPoolExecutor(cpu_count()) as pool:
        done = pool.map(renderer.render, absent)
        for _ in track(done, f"rendering with {renderer.name}", len(absent), console=errors):
            pass
