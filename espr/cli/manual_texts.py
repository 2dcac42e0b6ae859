"""What the manual pages say beyond the help of the commands: one section, one table of rows."""

from __future__ import annotations

Rows = tuple[tuple[object, str], ...]  # a heading, and the paragraph below it

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
    ("COLUMNS", "The width of tables in a pipe."),
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
        ("espr export grimaud bach --sonic-visualiser --to bach.sv", "A session to open."),
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

SECTIONS: dict[str, tuple[tuple[str, Rows], ...]] = {
    "espr query": (
        (
            "QUERY LANGUAGE",
            (
                ("shy, delicate", "Two words, equally important; 'and' joins them as well."),
                (
                    "very calm, as fast as possible, molto legato",
                    "A large degree. Beside plain words it weighs the word after it; where every "
                    "word has one, the ends are asked for: what goes furthest comes first.",
                ),
                (
                    "slightly sad, moderately slow, a hint of irony, not too fast",
                    "A small amount sets a target, in standard deviations from the mean of the "
                    "performances: 0.5 for 'slightly' and its like, 0.75 for 'moderately' and "
                    "its like, 0.5 on the other side for 'not too'. The standard deviation is "
                    "the usual one within a piece, or that of these performances where it is "
                    "more. Beyond the target, a performance counts as one that falls short by as "
                    "much. The target holds for the features that such words make up most of; "
                    "the answer prints it. 'Neither fast nor slow' has the target 0. A plain "
                    "word has none: the more, the better.",
                ),
                (
                    "not mechanical, without pedal or rubato, a lot less dry, lacking warmth, "
                    "warmth is missing",
                    "Away from it. A negation is carried on by 'or' and 'nor'; by 'and' only "
                    "after 'without' and its like. --not says the same.",
                ),
                ("not only soft, nothing but soft", "Soft: these negate nothing."),
                (
                    "more lyrical than dry, not so much sad as angry",
                    "Lyrical, and not dry; angry, and not sad.",
                ),
                (
                    "slower than the others, softest",
                    "Slow; soft: performances are compared with each other anyway.",
                ),
                (
                    "like Glenn Gould, in the style of Argerich, unlike Richter, more Grimaud than "
                    "Gould",
                    "Performers whom the library knows, by their full name or their surname. "
                    "Their manner is that of their own performance of the piece, else of their "
                    "other recordings against the mean of each piece.",
                ),
                (
                    "slower than Richter",
                    "Performances are compared with Richter's, instead of with the mean of all.",
                ),
                (
                    "the slowest Moonlight, the most lyrical Op. 109",
                    "A piece, where capital words name one and only one. -p is clearer.",
                ),
                (
                    "calm, under 4 minutes; at least 90 seconds",
                    "What is longer or shorter is left out.",
                ),
                (
                    "innig, sehr zart, pp, sfz, rit.",
                    "Terms of scores, Italian, German and French; espr words prints the English "
                    "that each is read as.",
                ),
                (
                    "sehr zart, ohne Pedal; tres calme mais pas triste",
                    "Small words (negations, degrees, 'and', 'or') are read in English, German, "
                    "French, Italian and Spanish; words that English has as well, only in a text "
                    "of that language. Other words of these languages are known if scores use "
                    "them; the answer names those that are not.",
                ),
                (
                    "un-rushed, rubato-free, over-sentimental",
                    "Away from what stands inside, or more of it, when the whole is not known.",
                ),
                (
                    "delciate, stacatto",
                    "A slip is read as the one word that it is likely to be. ESPR always tells "
                    "you what it corrected or ignored; an unknown word is shown with its nearest "
                    "spellings, and the rest of the query still counts.",
                ),
                ("--weight articulation=2", "A feature counts twice as much; 0: not at all."),
                (
                    "--like RECORDING",
                    "Sounds like this recording, instead of words or in addition to them. Any "
                    "name that espr pieces show prints will do.",
                ),
                (
                    "--text FILE",
                    "Words are read by vectors of your own: a file in the format of word2vec, "
                    "GloVe or fastText, or the folder of a text model. It needs a map into the "
                    "features, which espr train query-model --data-dir DATA --text FILE fits.",
                ),
                (
                    "--queries FILE",
                    "One query per line, or CSV with the columns query and piece.",
                ),
            ),
        ),
        (
            "NAMES OF PIECES",
            (
                (
                    "-p PIECE",
                    "The short name of a piece, the beginning of it, a nickname, a catalogue "
                    "number, or words of any take's title. If several fit, they are listed.",
                ),
            ),
        ),
        (
            "READING THE ANSWER",
            (
                (
                    "score",
                    "The cosine between the profile of your words and that of the performance: "
                    "from -1 to 1, changed by amounts as above. It is the sum of the lines beside "
                    "it, and nothing else.",
                ),
                (
                    "Note: These words do not tell ... from ...",
                    "The scores differ by less than they vary within the recordings. Trust this "
                    "note more than the order.",
                ),
            ),
        ),
        (
            "PAGES",
            (
                (
                    "--html FILE",
                    "One file that needs no network, to open from disk or send by mail: the "
                    "ranking, the reasons, and a player that starts each performance at its best "
                    "window. The keys 1 to 9, space and the arrows play; 'Listen blind' hides all "
                    "names until you choose. A page that is there is replaced, any other file "
                    "kept.",
                ),
                (
                    "--html-audio",
                    "clips: the best windows as MP3, about 0.2 MB each. whole: the recordings, "
                    "an MP3 file as it is. link: nothing; the page plays the files where they "
                    "are, and moves with them where they lie below it.",
                ),
            ),
        ),
        (
            "JSON AND CSV",
            (
                (
                    "--json",
                    "One document per query: schema, space, audio, text, centring, taught, query "
                    "(text, words, weights, like, mentions, heard_as, profile, targets, ends), "
                    "piece, performances, results, notes. A result has rank, score, recording, "
                    "start, end, performer, title, piece, profile and contributions (one number "
                    "per feature; the contributions add up to the score), best_window and, after "
                    "the first, behind_first; its 'missing' is true when the file is gone. "
                    "Fields are added, never renamed.",
                ),
                (
                    "--csv",
                    "One line per performance. The last columns are start, end, "
                    "best_start_in_file and best_end_in_file, in seconds.",
                ),
            ),
        ),
        (
            "LISTENING",
            (
                (
                    "--m3u FILE",
                    "A playlist of the best windows: VLC starts and stops at them, other programs "
                    "play the whole files. espr export writes playlists of whole recordings.",
                ),
                (
                    "--clips FOLDER",
                    "The best windows as MP3 files, named by place and performer, in a new or "
                    "empty folder. Recordings that cannot be read are left out: exit code 3.",
                ),
                (
                    "--play",
                    "Plays the best windows with mpv, ffplay, afplay or the Python library "
                    "sounddevice (the extra 'play'). Keys: n next, p previous, space pause, q "
                    "quit; a and b go on with the same bars of the first and of the second "
                    "performance, where both have notes.",
                ),
            ),
        ),
    ),
    "espr show": (
        (
            "NAMES OF RECORDINGS",
            (
                (
                    "RECORDING",
                    "Any name that espr pieces show prints, such as 'album.flac at 0:40' for a "
                    "track of an album; --like of espr query and espr pieces assign take it, too.",
                ),
            ),
        ),
    ),
    "espr export": (
        (
            "FORMATS",
            (
                (
                    "--sonic-visualiser",
                    "A session: the waveform, the features in standard deviations within the "
                    "piece, three a pane, and how much faster it is than the mean of its piece, "
                    "in per cent. It opens where the recording lies under the same path.",
                ),
                (
                    "--csv",
                    "One line per window, in measured units. start and end, in seconds, count "
                    "from the recording's beginning, start_in_file from the file's.",
                ),
                (
                    "--m3u",
                    "Whole recordings, in UTF-8. Tracks of an album in one file: VLC plays from "
                    "start to stop, Lyrion finds its own track, MPD needs --mpd; what knows none "
                    "of this plays the whole file.",
                ),
                (
                    "--relative-to FOLDER",
                    "For MPD: the music_directory. For Music Assistant, or a folder that others "
                    "mount elsewhere: the folder of the playlist. It must hold the recordings, "
                    "because these programs resolve no '..'.",
                ),
            ),
        ),
    ),
    "espr compare": (
        (
            "READING THE ANSWER",
            (
                (
                    "+1.2",
                    "Standard deviations within a piece, by which the first performance lies "
                    "above the second, or above the mean of the others.",
                ),
                (
                    "cannot be told apart, (+1.2)",
                    "Chance alone could make the difference: the recordings vary as much within "
                    "themselves. Of all features of two performances, one is called different "
                    "by chance in at most one comparison of twenty. Longer recordings tell more.",
                ),
                (
                    "alike",
                    "Whatever the difference is, it is below half a standard deviation.",
                ),
                (
                    "18 % faster",
                    "From the notes that both play, where recordings share notes.",
                ),
                (
                    "--html FILE",
                    "A page with the same, and a player for each: another performance goes on at "
                    "the bar that one has reached. --html-audio as for espr query.",
                ),
                (
                    "Tempo against the mean",
                    "Over the course of the piece, in the time of one of its performances. A gap: "
                    "the notes do not show it there. Of a piece with more than 40 performances, "
                    "the mean is that of those that are compared.",
                ),
            ),
        ),
        (
            "NAMES OF RECORDINGS",
            (
                (
                    "RECORDING",
                    "As for espr show. A name that fits several means the one of the piece that "
                    "all the names fit, or of --piece.",
                ),
            ),
        ),
        (
            "JSON",
            (
                (
                    "--json",
                    "One document: schema, space, audio, encoders, centring, piece, performances, "
                    "tempo_curves. A performance has recording, start, end, duration, performer, "
                    "title, profile, passage (where to listen, in seconds of the recording: of two "
                    "performances, the same bars), tempo (times as fast as the other, or the mean "
                    "of the others), tempo_curve (times as fast as the mean of all, at each of the "
                    "positions; null: not known) and differences: by feature, the difference, "
                    "its margin of chance and the verdict (differs, alike, unclear). tempo_curves "
                    "has the recording that the positions, in seconds, are of, its start in the "
                    "file, and how many performances the mean is of. Fields are added, never "
                    "renamed.",
                ),
            ),
        ),
    ),
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
                    "Of each recording its id, piece, performer, title, path, duration, profile "
                    "and vectors. Answers have the scores of the library's; they name no best "
                    "moment, which only the library knows.",
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
