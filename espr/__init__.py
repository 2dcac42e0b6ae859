"""ESPR: find the performance of a piece of music that sounds the way you say.

The public interface; everything else may move. ``import espr`` is nearly free: what a name
needs is imported when the name is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing would be half of the time before Ctrl-C has a quiet answer
if TYPE_CHECKING:
    from espr.embeddings.encoder import load_text_encoder
    from espr.encoders import load_audio_encoder
    from espr.errors import EsprError
    from espr.library import Library
    from espr.published.joint_encoder import load_joint_encoder
    from espr.retrieval.query_model import load_query_model

__version__ = "0.1.0"
__all__ = [
    "EsprError",
    "Library",
    "__version__",
    "load_audio_encoder",
    "load_joint_encoder",
    "load_query_model",
    "load_text_encoder",
]

_HOMES = {
    "EsprError": "espr.errors",
    "Library": "espr.library",
    "load_audio_encoder": "espr.encoders",
    "load_joint_encoder": "espr.published.joint_encoder",
    "load_query_model": "espr.retrieval.query_model",
    "load_text_encoder": "espr.embeddings.encoder",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'espr' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
