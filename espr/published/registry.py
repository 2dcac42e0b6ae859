"""The models that ESPR can run: those it ships, and published ones that a user may add.

One entry a model: what it is, where it is published, its licence, whom to cite.
"""

from __future__ import annotations

from dataclasses import dataclass

AUDIO, TEXT = "audio", "text"


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A model that others published and ESPR does not ship.

    Attributes
    ----------
    kinds : tuple of str
        What it encodes: ``audio``, ``text`` or both.
    published : str
        Where: completes "it is published …".
    file : str
        What the user gives to ``espr models add``.
    dimension : int
        Of what comes out.
    converter : str
        The module with ``recognise(path) -> bool`` and ``convert(path) -> Converted``; imported
        only to add it. Empty when the user keeps the file where ``file`` says.
    used_by : str
        The command that uses it, once it was added.
    sha256 : str
        Of the published file, where it is known.
    """

    name: str
    what: str
    kinds: tuple[str, ...]
    published: str
    file: str
    licence: str
    citation: str
    dimension: int
    converter: str
    used_by: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """A model of ESPR's own; ``entry`` is its registry entry below ``espr/assets``.

    Attributes
    ----------
    dimension : int
        0 when the entry says so.
    """

    name: str
    what: str
    kinds: tuple[str, ...]
    entry: str = ""
    dimension: int = 0


SHIPPED = (
    ShippedModel("signal", "twelve features measured from the sound", (AUDIO,), dimension=12),
    ShippedModel(
        "midlevel", "the mid-level features by ESPR's network", (AUDIO,), "midlevel.toml", 12
    ),
    ShippedModel("glove", "GloVe word vectors", (TEXT,), "glove.toml"),
    ShippedModel("emotion", "emotion-enriched word vectors", (TEXT,), "emotion.toml"),
)

PUBLISHED = {
    model.name: model
    for model in (
        PublishedModel(
            name="cp-resnet",
            what="the mid-level features by the published network",
            kinds=(AUDIO,),
            published="by its authors, see https://doi.org/10.1145/3632754.3632761",
            file="CPResnet_BackProp_2bf74_2.pt",
            licence="as its authors state it",
            citation="Chowdhury & Widmer: Towards Explaining Expressive Qualities in Piano "
            "Recordings: Transfer of Explanatory Features via Acoustic Domain Adaptation. "
            "ICASSP 2021",
            dimension=8,
            converter="espr.published.cp_resnet.checkpoint",
            used_by="espr index FOLDER --encoder cp-resnet",
        ),
        PublishedModel(
            name="mtr",
            what="texts and music in one space: the baseline of the paper's Table 1",
            kinds=(TEXT, AUDIO),
            published="as zenodo record 7322135, https://doi.org/10.5281/zenodo.7322135",
            file="the unpacked folder of mtr.tar.gz, or best.pth of its contrastive BERT model "
            "with stochastic text",
            licence="CC BY-NC 4.0",
            citation="Doh, Won, Choi & Nam: Toward Universal Text-to-Music Retrieval. ICASSP 2023",
            dimension=128,
            converter="espr.published.mtr.checkpoint",
            used_by="espr evaluate --text mtr --audio mtr --zero-shot",
        ),
    )
}
