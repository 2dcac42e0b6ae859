"""Sections of the manual pages of the commands that make, publish and judge libraries."""

from __future__ import annotations

from espr.cli.manual_of_answers import Sections

_HOW_PIECES_ARE_FOUND = (
    ("manifest", "The CSV file of --pieces: columns path, piece, performer."),
    ("work-id", "The MusicBrainz work id in the tags."),
    ("work+movement", "The tags WORK and MOVEMENT."),
    (
        "composer+title",
        "The two tags. Catalogue numbers, keys, movements, tempo words, '(Live)' and the like "
        "are brought into one form. Titles are understood in many languages, and in Cyrillic, "
        "Greek, Hebrew, Arabic, Armenian, Georgian, Chinese, Japanese, Korean and Thai script.",
    ),
    (
        "file-name",
        "The name of the file: piece_performer.mp3, or composer, work, movement and player, "
        "wherever they stand in the names of files and folders.",
    ),
    (
        "folder",
        "The folder, only if its name is that of a piece and its files are named as takes. What "
        "nothing joins stays single, and is listed apart.",
    ),
)

LIBRARIES: Sections = {
    "espr publish": (
        (
            "STORES",
            (
                (
                    "FILE.faiss",
                    "One file, searched in memory by FAISS; needs nothing more installed.",
                ),
                (
                    "FILE.db, milvus://host:19530/collection",
                    "Milvus in a file, or a server; both need the extra milvus. The index is "
                    "exact. A collection holds one library, by one encoder: another is refused. "
                    "The variable ESPR_MILVUS_TOKEN is a server's token: user:password, or a key.",
                ),
                (
                    "What is copied",
                    "Of each recording its id, piece, performer, title, path, duration, profile, "
                    "tempo and vectors. Answers have the scores of the library's; they name no "
                    "best moment, which only the library knows.",
                ),
            ),
        ),
    ),
    "espr index": (
        (
            "RECORDINGS",
            (
                (
                    "Formats",
                    "WAV, FLAC, MP3, Ogg, Opus, AIFF, and what FFmpeg reads: .m4a .m4b .aac .alac "
                    ".wma .ape .wv .mka .w64 .caf .au .mp2 .dsf .spx. The content tells what a "
                    "file is, not its name; its length is what was decoded.",
                ),
                (
                    "Albums in one file",
                    "Are split by the CUE sheet beside them or inside them. Sheets and tags are "
                    "read in Unicode and in the usual code pages of Western and Central Europe, "
                    "Russia, China, Taiwan, Japan and Korea.",
                ),
                (
                    "Folders",
                    "Linked folders are followed. Waste bins such as #recycle and $RECYCLE.BIN "
                    "are left out; files that are no audio are counted by suffix.",
                ),
                (
                    "Notes",
                    "The network of midlevel writes down the notes of every recording, by which "
                    "pieces are found and performances compared; signal and cp-resnet have it "
                    "listen beside them. --no-alignment leaves that out: signal then takes two "
                    "thirds of the time. The next run without it analyses again what has no "
                    "notes, and says so first.",
                ),
                (
                    "Shards",
                    "--shard 3/16 analyses a share of the files that follows from their paths "
                    "alone, so that sixteen machines or array jobs agree without talking; all "
                    "must see the folder under the same path. espr merge part*.espr gives the "
                    "library that one index would, and names a shard that failed.",
                ),
                (
                    "Clusters",
                    "--dask sends recordings to the workers of a Dask cluster (extra cluster), "
                    "which must have this version of ESPR and of the encoder, and see the files "
                    "under the same paths, under --map-path, or by URLs. What one worker cannot "
                    "do is tried on others; this machine alone writes the library. Dask's "
                    "messages can run any code: use a scheduler that you trust, over tls:// "
                    "where others share the network.",
                ),
                (
                    "URLs",
                    "s3://bucket/music and what else fsspec reads (extra cluster) is copied file "
                    "by file where it is analysed. CUE sheets there are not read.",
                ),
                (
                    "Drives that are away",
                    "A folder that was full and is now empty, or on another drive, is taken to be "
                    "away: its recordings are kept, but not ranked until it is back. "
                    "--forget-away forgets them, and so does deleting the empty folder.",
                ),
                (
                    "Failures",
                    "What took too long, or whose process was killed, is tried again at the next "
                    "run. What crashed a decoder is not, until the file or ESPR changes.",
                ),
            ),
        ),
        ("HOW PIECES ARE FOUND", _HOW_PIECES_ARE_FOUND),
        (
            "JSON",
            (
                (
                    "--json",
                    "One object per recording, and a last one, the summary: its counts, "
                    "left_out (all files that are no audio), left_out_by_suffix, notes, away "
                    "and unmatched.",
                ),
            ),
        ),
    ),
    "espr pieces": (
        ("HOW PIECES ARE FOUND", _HOW_PIECES_ARE_FOUND),
        (
            "CORRECTIONS",
            (
                (
                    "rename, merge, assign",
                    "Survive re-indexing. The name that a piece had before still finds it. A "
                    "recording that was reissued, or lies in two folders, is shown once.",
                ),
                ("undo", "Takes back the last correction; again, the one before it."),
                ("show", "Prints the words that each rule went by."),
            ),
        ),
    ),
    "espr train query-model": (
        (
            "YOUR OWN WORDS",
            (
                (
                    "--descriptions FILE",
                    "CSV with the columns recording (whatever espr show takes) and text (how it "
                    "sounds to you). Two lines with the same words are enough for a query of "
                    "these words to find what sounds like their recordings, in other pieces, "
                    "too; other words keep their meaning, but for those that mean nearly the "
                    "same. A word that the word vectors do not know gets its meaning from its "
                    "lines alone.",
                ),
                (
                    "library.espr.midlevel+.json, library.espr.midlevel.json",
                    "What was learned, beside the library. Queries, espr show and espr words use "
                    "it with the text and audio encoders that it was taught with, and say so; "
                    "other encoders are not touched by it. Running the command again starts from "
                    "the included map, with the new file alone.",
                ),
                ("espr train forget", "Removes what was learned."),
            ),
        ),
    ),
    "espr evaluate": (
        (
            "READING THE FIGURES",
            (
                (
                    "--controls",
                    "What the figures could at least and at best be: random words, and other "
                    "listeners' descriptions in place of the sound.",
                ),
                (
                    "--reading plain, --reading grammar",
                    "Words as the paper reads them, or as espr query does.",
                ),
                (
                    "--figure FOLDER",
                    "The paper's two queries beside every piece; --query WORDS draws yours.",
                ),
                (
                    "A missing data set",
                    "Exit code 2, and three lines: what is missing, where it is published, and "
                    "where to put it.",
                ),
                (
                    "--json, --csv",
                    "The document has 'reading' and 'controls', and the last column of CSV is "
                    "'reading'.",
                ),
            ),
        ),
    ),
    "espr models": (
        (
            "OTHER ENCODERS",
            (
                (
                    "Trust",
                    "A checkpoint of PyTorch can hold a program: ESPR reads its tensors only, "
                    "converts them to safetensors, and runs nothing of it.",
                ),
                (
                    "cp-resnet",
                    "The paper's network, fed exactly as published. After adding it: espr index "
                    "FOLDER --encoder cp-resnet, and espr train query-model --data-dir DATA "
                    "--audio cp-resnet. What an earlier version analysed with it must be analysed "
                    "again, too.",
                ),
                (
                    "mtr, clap:FOLDER",
                    "Texts and recordings in one space, for espr evaluate; they need the extra "
                    "'sentences'.",
                ),
                (
                    "One library, several encoders",
                    "A library keeps its encoder until --encoder names another. What the old one "
                    "analysed is kept; profiles of different encoders are never ranked together.",
                ),
            ),
        ),
    ),
}
