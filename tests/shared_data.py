"""Where the development data lies, and the reason that is given when it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(
    os.environ.get("ESPR_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)
CON_ESPRESSIONE = DATA / "con-espressione"

needs_con_espressione = pytest.mark.skipif(
    not (CON_ESPRESSIONE / "audio").is_dir(),
    reason=f"the Con Espressione recordings are commercial and not in the repo: {CON_ESPRESSIONE}",
)
