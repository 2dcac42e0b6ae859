"""Takes the README's picture of a page: ``python -m tests.page_picture``, in Chromium.

The page is that of the demo's first question; the picture is its beginning on a screen of 1,200
by 780 pixels.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / "espr" / "docs" / "page.png"


def main() -> None:
    """Make the demo's page and write the picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder) / "page.html"
        subprocess.run([sys.executable, "-m", "espr", "demo", "--html", page_file], check=True)
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1_200, "height": 780}, device_scale_factor=1.5)
        page.goto(page_file.as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
