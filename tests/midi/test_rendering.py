"""Rendering MIDI through a program: each file once, and faults in one line."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from espr.errors import EsprError
from espr.midi.rendering import Renderer, find_sound_font

# Stands in for FluidSynth: writes its last argument's bytes to the file after -F, slowly.
PROGRAM = """#!/bin/sh
while [ "$1" != "-F" ]; do shift; done
sleep 0.2
case "$4" in *bad*) echo "not a MIDI file" >&2; exit 1;; esac
cat "$4" > "$2"
"""


@pytest.fixture
def renderer(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "fluidsynth"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    font = tmp_path / "small.sf2"
    font.write_bytes(b"font")
    return Renderer(str(font))


def test_two_clips_of_the_same_notes_may_be_rendered_at_once(renderer, tmp_path):
    clips = [tmp_path / f"{n}.mid" for n in range(4)]
    for clip in clips:
        clip.write_bytes(b"the same notes")
    with ThreadPoolExecutor(4) as pool:
        rendered = list(pool.map(renderer.render, clips))
    assert len(set(rendered)) == 1
    assert rendered[0].read_bytes() == b"the same notes"
    assert [path.suffix for path in rendered[0].parent.iterdir()] == [".flac"]


def test_what_is_rendered_is_not_rendered_again(renderer, tmp_path):
    clip = tmp_path / "a.mid"
    clip.write_bytes(b"notes")
    renderer.render(clip).write_bytes(b"kept")
    assert renderer.render(clip).read_bytes() == b"kept"


def test_a_file_that_cannot_be_rendered_is_named(renderer, tmp_path):
    clip = tmp_path / "bad.mid"
    clip.write_bytes(b"no notes")
    with pytest.raises(EsprError, match=r"bad\.mid cannot be rendered.*not a MIDI file"):
        renderer.render(clip)


def test_a_missing_sound_font_says_what_to_install():
    with pytest.raises(EsprError, match=r"no sound font nowhere\.sf2; on Debian"):
        find_sound_font("nowhere.sf2")


def test_a_missing_program_says_what_to_install(renderer, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EsprError, match="fluidsynth is not installed"):
        Renderer(str(renderer.sound_font))
