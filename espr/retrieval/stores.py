"""Stores by the places that users name them by."""

from __future__ import annotations

from espr.errors import EsprError
from espr.retrieval.store import Store, StoreInfo


def open_store(place: str, info: StoreInfo | None = None) -> Store:
    """The store at ``place``: ``milvus://host:19530/collection``, ``FILE.db`` or ``FILE.faiss``.

    ``info``: makes one where there is none, and refuses one of another encoder or library.

    Raises
    ------
    EsprError
        When there is none, when it is something else, or what it needs is not installed.
    """
    if place.startswith("milvus://") or place.endswith(".db"):
        from espr.retrieval.milvus_store import MilvusStore

        store: Store = MilvusStore(place, info)
    elif place.endswith(".faiss") and "://" not in place:
        from espr.retrieval.faiss_store import FaissStore

        store = FaissStore(place, info)
    else:
        raise EsprError(
            f"{place!r} is no store; there is milvus://host:19530/collection, FILE.db (Milvus in "
            "a file) and FILE.faiss"
        )
    if info is not None:
        try:
            store.info.refuse_other(info, place)
        except EsprError:
            store.close()
            raise
    return store
