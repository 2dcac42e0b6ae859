"""``make fuzz``: damaged inputs for every reader, for as long as you like.

``python -m tests.fuzz [--seconds 60] [--inputs N] [--seed 0] [--keep FOLDER] [TARGET…]``
prints one JSON document: for each target the inputs tried, how many were accepted, what took
longest, and the findings. Exit code 1 where there are any; inputs are kept in FOLDER.
With atheris installed (Linux), its coverage-guided engine has half of the time.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.fuzz.guided import guided, has_atheris
from tests.fuzz.targets import TARGETS
from tests.fuzz.watching import watched


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--inputs", type=int, default=10**9, help="at most, for each target")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="where findings are kept")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there is {', '.join(TARGETS)}")
    document = {}
    share = 0.5 if has_atheris() else 1.0
    for name in options.targets or TARGETS:
        print(f"fuzzing {name}", file=sys.stderr, flush=True)
        done = watched(name, options.seed, options.inputs, share * options.seconds, options.keep)
        del done["whole"]  # a matter of the tests
        if share < 1:
            done["guided"] = guided(name, share * options.seconds, options.keep)
        document[name] = done
    printed = {"schema": "espr.fuzz/1", "seed": options.seed, "targets": document}
    print(json.dumps(printed, indent=1))
    found = [done["findings"] for done in document.values()]
    found += [done["guided"]["findings"] for done in document.values() if "guided" in done]
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
