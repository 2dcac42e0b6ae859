"""``python -m espr``, the same as ``espr``."""

from espr.cli import main

if __name__ == "__main__":
    main()
