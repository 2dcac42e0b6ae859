"""``espr words``: what ESPR understands by a word."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from espr.cli.completions import TEXT_ENCODER
from espr.cli.options import Json, LibraryFile, SpaceName
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.errors import NO_LIBRARY, WRONG_INPUT, EsprError


def words(
    terms: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TERM]...", help="A word, or a phrase in quotation marks."),
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ONE OTHER", help="How alike two are, and what lies between them."),
    ] = None,
    text: Annotated[
        str,
        typer.Option(
            click_type=TEXT_ENCODER,
            help="Text encoder: a name, a vectors file or a model's folder.",
        ),
    ] = DEFAULT_TEXT,
    space: SpaceName = None,
    as_json: Json = False,
    library: LibraryFile = None,
) -> None:
    """Show what ESPR understands by a word: the words nearest to it, and how it would sound.

    The bars are the profile that performances are compared with, at length 1. With --between, two
    words are compared: their cosine, the words nearest to their middle, and the features in
    which they differ most. What a library was taught counts, where there is one.
    """
    if not terms and not between:
        raise EsprError("nothing to explain: give one word or more, or --between ONE OTHER")

    from espr.embeddings.encoder import load_text_encoder
    from espr.retrieval.taught_model import load_model_of_words, with_own_words
    from espr.retrieval.word_meaning import compare, understand, words_document

    encoder = load_text_encoder(text)
    notes = list(encoder.notes)
    model = None
    try:
        model, remarks = load_model_of_words(encoder, library, space, text)
        notes += remarks
        encoder = with_own_words(encoder, model)
    except EsprError as error:  # a vectors file has none until it is trained
        if space is not None or error.exit_code == NO_LIBRARY:
            raise
        notes.append(f"Without features: {error}")
    understood, unknown = [], []
    for term in terms or ():
        try:
            understood.append(understand(encoder, model, term))
        except EsprError as error:  # one word that is not known does not cost the others
            unknown.append((term, error))
    compared = compare(encoder, model, *between) if between else None
    if as_json:
        from espr.cli.output.json_csv import json_text

        document = words_document(encoder, model, understood, unknown, compared, notes)
        print(json_text(document, sys.stdout))
    else:
        from espr.cli.output.console import console
        from espr.cli.output.words import print_words

        print_words(console(), model, understood, compared, notes)
        for _, why in unknown:
            from espr.cli.output.terminal_safe import clean

            print(f"espr: {clean(why, longest=2_000)}", file=sys.stderr)
    if unknown:
        raise typer.Exit(WRONG_INPUT)
