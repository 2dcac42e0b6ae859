"""What the manual pages say beyond the help of the commands: one section, one table of rows."""

from __future__ import annotations

from espr.cli.manual_of_answers import ANSWERS
from espr.cli.manual_of_libraries import LIBRARIES

EXIT_CODES = (
    (0, "Done."),
    (1, "Nothing matched: no such piece, no result, no audio files."),
    (2, "Wrong usage or input; the message says what to change."),
    (3, "Done, but some files could not be read."),
    (4, "None of the files could be read."),
    (10, "There is no library yet."),
    (11, "The library is in use by another writer."),
    (12, "The library is damaged or of another format; nothing was changed."),
    (70, "An error in ESPR itself, or one of the system such as a full disk."),
    (130, "Interrupted. What was finished is kept."),
    (141, "The reader of the output has gone, as after 'espr pieces | head'."),
)

VARIABLES = (
    ("ESPR_LIBRARY", "The library's file, where --library is not given."),
    ("ESPR_DATA", "The folder of the data sets that espr evaluate and espr train read."),
    ("ESPR_DEBUG", "When set, an error also shows where in the code it arose."),
    ("NO_COLOR", "When set, tables are printed without colours."),
    ("COLUMNS", "The width of tables; in a pipe, lists otherwise have one line for each entry."),
)

FILES = (
    (
        "~/.local/share/espr/library.espr",
        "The library on Linux; on macOS it lies in ~/Library/Application Support/espr. It holds "
        "everything that ESPR knows; recordings are only read. Every row carries a checksum: a "
        "byte that flips on the disk is an error, never a wrong answer. Links to a library are "
        "followed.",
    ),
    (
        "library.espr.faiss, library.espr.relative.faiss, library.espr.ties, library.espr.notes",
        "Beside the library: search indexes and what grouping remembers. They are made from the "
        "library and may be deleted at any time.",
    ),
)

EXAMPLES = {
    "espr": (
        ("espr index ~/Music", "Analyse a folder."),
        ("espr pieces", "See which pieces were found."),
        ('espr query "shy, delicate" --piece bach-c-prelude', "Rank the performances of one."),
    ),
    "espr index": (
        ("espr index ~/Music --dry-run", "See what would be done."),
        ("espr index ~/Music --pieces pieces.csv", "Say which file is of which piece."),
        ("espr index album.cue", "An album in one file, by its CUE sheet."),
        ("espr index /music --dask tcp://scheduler:8786", "On a cluster."),
        ("espr index /music --shard 3/16 --library part3.espr", "A share of it, as one of 16."),
    ),
    "espr query": (
        ('espr query "very calm, not mechanical" --piece bach', "Degrees and exclusions."),
        ("espr query dreamy --weight articulation=2 --top 5", "The whole library."),
        ("espr query --like Grimaud --piece bach", "Like this recording."),
        ('espr query "slower than Richter" --piece moonlight', "Against one performer."),
        ("espr query passionate --piece bach --m3u evening.m3u8", "A playlist."),
        ("espr query passionate --piece bach --play", "Listen to the best windows."),
        ("espr query shy --piece bach --html shy.html", "A page that plays the best windows."),
    ),
    "espr show": (("espr show grimaud bach", "By performer and piece."),),
    "espr compare": (
        ("espr compare gould richter --piece bach", "Two performances of a piece."),
        ("espr compare --piece bach --figure bach.svg", "All of a piece, and a picture."),
        ("espr compare gould richter -p bach --html two.html", "A page that plays both."),
    ),
    "espr export": (
        ("espr export grimaud --piece bach --sonic-visualiser --to bach.sv", "A session to open."),
        ("espr export --piece bach --csv --to bach.csv", "All windows of a piece."),
        ("espr export --piece bach --m3u --mpd --to bach.m3u", "A playlist for MPD."),
    ),
    "espr words": (
        ("espr words innig", "A term of scores."),
        ("espr words --between dry flowing", "Two words against each other."),
    ),
    "espr serve": (
        ("espr serve", "Open the library in your browser."),
        ("espr serve --no-open --port 0", "Print the address; take a port that is free."),
    ),
    "espr pieces rename": (
        ('espr pieces rename bach-c-prelude "Prelude in C, BWV 846"', "Another title."),
    ),
    "espr pieces merge": (
        ("espr pieces merge prelude-1 bach-c-prelude", "They are the same piece."),
    ),
    "espr pieces assign": (
        ("espr pieces assign take7.flac bach-c-prelude", "A recording in the wrong piece."),
        ('espr pieces assign "album.flac at 0:40" gigue --new', "A track of an album."),
    ),
    "espr models add": (
        ("espr models add CPResnet_BackProp_2bf74_2.pt", "The network of the paper."),
        ("espr models add mtr ~/Downloads/mtr", "Texts and music in one space."),
    ),
    "espr check": (("espr check && espr backup ~/espr.backup", "A copy, if all is well."),),
    "espr backup": (("espr backup /media/disk/library.espr", "To another disk."),),
    "espr publish": (
        ("espr publish --to vectors.db", "A file that Milvus's client serves."),
        ("espr publish --to milvus://host:19530/piano", "A collection of a server."),
        ("espr query dreamy --store milvus://host:19530/piano", "Ask it, from anywhere."),
    ),
    "espr merge": (
        ("espr merge laptop.espr studio.espr", "What two machines analysed."),
        ("espr merge part*.espr --library all.espr", "The shards of a collection."),
    ),
    "espr demo": (
        ("espr demo --html demo.html", "Hear the answer in a browser."),
        ("espr demo --keep demo", "Keep the recordings, to listen and ask more."),
    ),
    "espr evaluate": (
        ("espr evaluate --queries answers --controls", "One listener's words, and the limits."),
        ("espr evaluate --table 1", "The paper's table, with every encoder on your disk."),
        ("espr evaluate --text mtr --audio mtr --zero-shot", "Another model, as it is."),
        ("espr evaluate --text mtr --audio midlevel", "Its words, ESPR's network."),
        ("espr evaluate --text TEXTS.npz --audio SOUNDS.npz", "Embeddings made elsewhere."),
    ),
    "espr train query-model": (
        ("espr train query-model --descriptions mine.csv", "Teach a library your words."),
        ("espr train forget", "Forget them again."),
    ),
    "espr completions": (
        ('eval "$(espr completions bash)"', "In ~/.bashrc; bash 4.4 or newer."),
        ('eval "$(espr completions zsh)"', "In ~/.zshrc, after compinit."),
        ("espr completions fish | source", "In ~/.config/fish/config.fish."),
    ),
}

SECTIONS = ANSWERS | LIBRARIES
