"""The files below some folders, and what became of folders that held files before.

Hidden files and the waste bins of desktops and network drives are left out. Links are followed
after everything else, so that a file keeps its own path; a folder that was read is not read again,
which ends circles, and a link to a folder above is not followed, which would read the whole disk.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from espr.catalog.away import lies_in

# Windows; Synology, QNAP and Samba; Linux file systems; macOS archives
_BINS = frozenset(
    (
        *("$recycle.bin", "recycler", "system volume information", "#recycle", "@recycle"),
        *("@eadir", "#snapshot", "@recently-snapshot", "lost+found", "__macosx"),
    )
)


@dataclass
class FolderWalk:
    """What was read and what not.

    Attributes
    ----------
    unreadable : dict
        Folders that could not be listed → reason.
    notes : dict
        Links that were not followed → reason.
    left_out : Counter
        Folders that were left out, by name.
    devices : dict
        Number of the file system (``st_dev``) of each folder that was asked for, and of each
        below it on another one than its parent.
    empty_folders : list of str
        The topmost folders without any file below; a drive that is not mounted leaves one.
    dangling : list of str
        Links whose target is not there.
    """

    unreadable: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    devices: dict[str, int] = field(default_factory=dict)
    empty_folders: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)

    def files(self, folders: Sequence[str]) -> Iterator[tuple[str, os.stat_result]]:
        """Each regular file below ``folders``, absolute paths, once."""
        self._read: set[tuple[int, int]] = set()
        self._files: set[tuple[int, int]] = set()
        self._links: deque[str] = deque()
        self._listed: dict[str, bool] = {}  # folder → whether a file lies below
        for folder in folders:
            yield from self._below(folder)
        above = {os.path.realpath(folder) for folder in folders}
        to_files = []
        while self._links:  # those to folders first: a file keeps its name there
            link = self._links.popleft()
            if os.path.isdir(link):
                yield from self._through_folder(link, above)
            else:
                to_files.append(link)
        for link in to_files:
            yield from self._through_file(link)
        self.empty_folders = [
            folder
            for folder, full in self._listed.items()
            if not full and self._listed.get(os.path.dirname(folder), True)
        ]

    def _below(self, top: str) -> Iterator[tuple[str, os.stat_result]]:
        waiting = [(top, -1)]
        while waiting:
            folder, device = waiting.pop()
            if folder in self._listed:
                continue
            try:
                status = os.stat(folder)
                with os.scandir(folder) as entries:
                    shown = [entry for entry in entries if not entry.name.startswith(".")]
            except OSError as error:
                self.unreadable[folder] = f"cannot be listed: {error.strerror}"
                continue
            self._listed[folder] = False
            self._read.add((status.st_dev, status.st_ino))
            if status.st_dev != device:
                self.devices[folder] = status.st_dev
            for entry in sorted(shown, key=lambda entry: entry.name):
                if entry.is_symlink():
                    self._links.append(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name.lower() in _BINS:
                        self.left_out[f"{entry.name}/"] += 1
                    else:
                        waiting.append((entry.path, status.st_dev))
                elif entry.is_file(follow_symlinks=False):
                    self._mark_full(folder)
                    try:
                        status_of_file = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # deleted since it was listed
                    self._files.add((status_of_file.st_dev, status_of_file.st_ino))
                    yield entry.path, status_of_file

    def _through_folder(
        self, link: str, above: Iterable[str]
    ) -> Iterator[tuple[str, os.stat_result]]:
        """The files of a folder behind a link, unless it was read already."""
        status = os.stat(link)
        target = os.path.realpath(link)
        self._mark_full(os.path.dirname(link))
        if (status.st_dev, status.st_ino) in self._read:
            return
        if any(lies_in(folder, [target]) for folder in above):
            self.notes[link] = f"leads to {target}, which holds this folder; it is not followed"
        else:
            yield from self._below(link)

    def _through_file(self, link: str) -> Iterator[tuple[str, os.stat_result]]:
        """The file behind a link, unless it has a path of its own."""
        try:
            status = os.stat(link)
        except OSError as error:
            if error.errno != errno.ELOOP:
                self.dangling.append(link)
            return
        self._mark_full(os.path.dirname(link))
        key = status.st_dev, status.st_ino
        if stat.S_ISREG(status.st_mode) and key not in self._files:
            self._files.add(key)
            yield link, status

    def _mark_full(self, folder: str) -> None:
        while not self._listed.get(folder, True):
            self._listed[folder] = True
            folder = os.path.dirname(folder)
