"""Decoding beside another checkout, interleaved: ``python -m tests.bench.decoding CHECKOUT``.

Three minutes of stereo at 44.1 kHz in each format; prints one JSON document with the seconds of the
processor for one decoding on both sides, and their ratio (medians over runs of whole processes).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.material import make_audio

RUNS = 9
_DECODE = """
import sys, time
from espr.audio.decode import decode
for _ in range(2):
    since = time.process_time()
    decode(sys.argv[1])
print(time.process_time() - since)
"""


def decoding_seconds(checkout: Path, path: Path) -> float:
    """Seconds of the processor for the second decoding in a new process of a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _DECODE, str(path)]
    done = subprocess.run(
        command, env=environment, cwd=checkout, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def main(other: Path) -> None:
    here = Path(__file__).parents[2]
    document = {}
    with tempfile.TemporaryDirectory() as folder:
        make_audio(Path(folder))
        for path in sorted(Path(folder).iterdir()):
            pairs = [
                (decoding_seconds(here, path), decoding_seconds(other, path)) for _ in range(RUNS)
            ]
            ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = statistics.median(one / two for one, two in pairs)
            document[path.suffix[1:]] = {
                "seconds": round(ours, 4),
                "other": round(theirs, 4),
                "ratio": round(ratio, 3),
            }
    print(json.dumps({"schema": "espr.decoding/1", "formats": document}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
