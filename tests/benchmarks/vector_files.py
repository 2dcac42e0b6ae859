"""How long a word-vector file of EWE's size takes: converted at first, then memory-mapped.

Run it with ``python -m tests.benchmarks.vector_files`` (526 MB of text and 222 MB of cache in a
temporary folder, about half a minute). Each measurement is a process of its own, imports included.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WORDS, DIMENSION = 184_000, 300
_LOAD = "import sys, espr; espr.load_text_encoder(sys.argv[1])"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        text, binary = Path(folder, "words.txt"), Path(folder, "words.bin")
        write(text, binary)
        environment = {**os.environ, "ESPR_CACHE": str(Path(folder, "cache"))}
        for file in (text, binary):
            for what in ("converted", "loaded", "loaded"):
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", _LOAD, file], env=environment, check=True)
                seconds = time.perf_counter() - start
                print(f"{file.name}, {file.stat().st_size / 1e6:.0f} MB: {what} in {seconds:.2f} s")


def write(text: Path, binary: Path) -> None:
    """The same random vectors in both formats, with six decimals as published files have."""
    random = np.random.default_rng(0)
    with text.open("w") as lines, binary.open("wb") as packed:
        packed.write(f"{WORDS} {DIMENSION}\n".encode())
        for word in range(WORDS):
            row = random.normal(0, 0.4, DIMENSION)
            lines.write(f"w{word} " + " ".join(f"{number:.6f}" for number in row) + "\n")
            packed.write(f"w{word} ".encode() + row.astype("<f4").tobytes() + b"\n")


if __name__ == "__main__":
    main()
