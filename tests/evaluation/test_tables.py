"""The paper's tables: which rows there are, what they lack, and how they are printed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from espr.errors import EsprError
from espr.evaluation.encoders import lacking
from espr.evaluation.system import System
from espr.evaluation.tables import (
    EMOTION_MIDLEVEL,
    TEXT_AUDIO_MODEL,
    Variants,
    grid,
    table_1,
    table_2,
)


def systems(text, audio):
    return [System(text, audio, "midlevel", "paper", "none")]


def test_a_pair_that_lacks_an_encoder_is_one_row_that_says_so():
    rows = grid(("glove", "ewe"), ("signal", "cp-resnet"), systems)
    assert [row.name for row in rows if row.system] == ["glove × signal"]
    last = rows[-1]
    assert last.name == "ewe × cp-resnet"
    assert [reason.partition(":")[0] for reason in last.lacking] == ["ewe", "cp-resnet"]


def test_table_1_has_the_papers_figures_where_they_belong():
    variants = Variants(("midlevel",), ("paper",), ("none",), readings=("plain",))
    rows = table_1(("glove", "ewe"), ("signal", "cp-resnet"), variants, is_whole=False)
    assert {row.name: row.published for row in rows if row.published} == {
        "ewe × cp-resnet": EMOTION_MIDLEVEL,
        "mtr × mtr": TEXT_AUDIO_MODEL,
    }
    whole = table_1(("glove",), ("signal",), variants, is_whole=True)
    names = [row.name for row in whole if row.published]
    assert names == ["mtr × mtr", "mtr × cp-resnet", "ewe × mtr", "ewe × cp-resnet"]


def test_table_2_has_the_papers_eight_rows():
    variants = Variants(("midlevel",), ("paper",), ("none",), (None, "auto"), readings=("plain",))
    missing = {"musiccaps": "musiccaps: not here"}
    rows = table_2("glove", "signal", variants, ("musiccaps", "pitchfork"), missing)
    assert [(row.name, row.system is None) for row in rows] == [
        ("none", False),
        ("none, PCA auto", False),
        ("musiccaps", True),
        ("musiccaps, PCA", True),
        ("pitchfork", False),
        ("pitchfork, PCA auto", False),
        ("musiccaps + pitchfork", True),
        ("musiccaps + pitchfork, PCA", True),
    ]
    assert [row.published["top1"] for row in rows] == [
        *(0.22, 0.29, 0.24, 0.40, 0.33, 0.27, 0.38, 0.36)
    ]
    by_grammar = table_2("glove", "signal", replace(variants, readings=("grammar",)), (), {})
    assert not any(row.published for row in by_grammar if row.system)


def test_an_encoder_that_nobody_knows_is_an_error_and_no_row():
    assert lacking("glove", text=True) == ""
    with pytest.raises(EsprError, match="no text encoder 'glvoe'"):
        lacking("glvoe", text=True)
    with pytest.raises(EsprError, match="no audio encoder"):
        lacking("resnet", text=False)
