"""What is opened with ``with`` and closes at its end."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closing:
    """A base of classes that have :meth:`close`: ``with`` calls it at its end."""

    def close(self) -> None:
        """Give back what is held."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
