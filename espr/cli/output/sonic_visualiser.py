"""A recording as a session of Sonic Visualiser: its waveform, its windows and its tempo over time.

A session is XML packed by bzip2: models (the sound; sparse points, in frames of its sampling rate),
and panes of layers that show them. Source: files that Sonic Visualiser 4.5 writes and opens.
"""

from __future__ import annotations

import bz2
import math
import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass

from espr.errors import EsprError
from espr.printable import clean

_COLOURS = (("Blue", "#1f1fff"), ("Red", "#ff0000"), ("Green", "#008000"))
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINES = "3"  # plot style: points joined by lines
_PIXELS = 800  # across which a recording is shown


@dataclass(frozen=True, slots=True)
class Curve:
    """Values at moments of a file; what is not a number is left out.

    Attributes
    ----------
    seconds : sequence of float
        Into the file.
    """

    name: str
    unit: str
    seconds: Sequence[float]
    values: Sequence[float]


class _Session:
    """A session as it grows: numbers of models and layers are given in order."""

    def __init__(self) -> None:
        self.root = ElementTree.Element("sv")
        self.data = ElementTree.SubElement(self.root, "data")
        self.display = ElementTree.SubElement(self.root, "display")
        ElementTree.SubElement(self.root, "selections")
        self.used = 0

    def number(self) -> str:
        self.used += 1
        return str(self.used)


def session(path: str, rate: int, duration: float, panes: Sequence[Sequence[Curve]]) -> bytes:
    """The session of a file.

    Parameters
    ----------
    rate : int
        Its frames a second.
    duration : float
        Seconds of it.
    panes : sequence of sequence of Curve
        Below the waveform; the curves of a pane share its scale.

    Raises
    ------
    EsprError
        When XML cannot hold the path.
    """
    made = _Session()
    sound = made.number()
    ElementTree.SubElement(
        made.data,
        "model",
        id=sound,
        name=clean(os.path.basename(path)),
        sampleRate=str(rate),
        start="0",
        end=str(round(duration * rate)),
        type="wavefile",
        file=_xml_text(os.path.abspath(path)),
        mainModel="true",
    )
    frames = round(duration * rate)
    first = _pane(made, frames)
    _layer(made, first, "timeruler", "Ruler", sound)
    _layer(made, first, "waveform", "Waveform", sound, gain="1", channelMode="0")
    for curves in panes:
        pane = _pane(made, frames)
        _layer(made, pane, "timeruler", "Ruler", sound)
        for curve, (name, colour) in zip(curves, _COLOURS, strict=False):
            model = _points(made, curve, rate)
            title = clean(curve.name)
            _layer(
                made, pane, "timevalues", title, model, plotStyle=_LINES, verticalScale="0",
                colourName=name, colour=colour, drawDivisions="false",
            )  # fmt: skip
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE sonic-visualiser>\n'
    return bz2.compress(head + ElementTree.tostring(made.root, encoding="utf-8"))


def _points(made: _Session, curve: Curve, rate: int) -> str:
    known = [
        (round(seconds * rate), value)
        for seconds, value in zip(curve.seconds, curve.values, strict=True)
        if math.isfinite(value)
    ]
    values = [value for _, value in known] or [0.0]
    model, dataset = made.number(), made.number()
    ElementTree.SubElement(
        made.data,
        "model",
        id=model,
        name=clean(curve.name),
        sampleRate=str(rate),
        type="sparse",
        dimensions="2",
        resolution="1",
        notifyOnAdd="true",
        dataset=dataset,
        minimum=f"{min(values):g}",
        maximum=f"{max(values):g}",
        units=curve.unit,
    )
    points = ElementTree.SubElement(made.data, "dataset", id=dataset, dimensions="2")
    for frame, value in known:
        ElementTree.SubElement(points, "point", frame=str(frame), value=f"{value:.6g}", label="")
    return model


def _pane(made: _Session, frames: int) -> ElementTree.Element:
    zoom = 2 ** max(0, math.ceil(math.log2(max(1, frames) / _PIXELS)))  # frames a pixel
    return ElementTree.SubElement(
        made.display,
        "view",
        type="pane",
        centre=str(frames // 2),
        zoom=str(zoom),
        followPan="1",
        followZoom="1",
        tracking="page",
    )


def _layer(
    made: _Session,
    pane: ElementTree.Element,
    kind: str,
    name: str,
    model: str,
    **looks: str,
) -> None:
    common = {"id": made.number(), "type": kind, "name": name, "model": model}
    ElementTree.SubElement(made.data, "layer", {**common, **looks})
    ElementTree.SubElement(pane, "layer", {**common, "visible": "true"})


def _xml_text(path: str) -> str:
    """A path, letter for letter: under another one the sound would not be found."""
    if _NO_XML.search(path):
        raise EsprError(
            f"a session cannot hold {path!r}: its name has control characters, or is not UTF-8"
        )
    return path
