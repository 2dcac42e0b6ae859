"""Sections of the manual pages of the commands that answer: query, show, compare, export."""

from __future__ import annotations

Rows = tuple[tuple[object, str], ...]  # a heading, and the paragraph below it
Sections = dict[str, tuple[tuple[str, Rows], ...]]

ANSWERS: Sections = {
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
                    "kept. -, here and wherever a command writes a file, is standard output, in "
                    "the place of what would be printed; ./- is a file of that name.",
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
                    "play the whole files. A file whose name no playlist can hold is left out: "
                    "exit code 3. espr export writes playlists of whole recordings.",
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
        (
            "TUNING",
            (
                (
                    "Tuning: about A = 430 Hz",
                    "Of a recording that is 20 cents or more off A = 440 Hz: an old piano, a "
                    "record at the wrong speed. Whole semitones do not count. --json has "
                    "tuning_cents, null where no tuning is clear, as of drums or noise, and where "
                    "an older version of espr analysed the recording.",
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
    "espr serve": (
        (
            "PAGES",
            (
                (
                    "Add to the playlist",
                    "What was chosen is ordered, played through and downloaded as M3U on the page "
                    "'Playlist'. The browser keeps it, for this library and this port.",
                ),
                (
                    "ESPR does not answer",
                    "Pages that are still open after Ctrl-C say so. They go on where they were "
                    "when espr serve runs again on the same port and its address was opened.",
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
                    "pedal",
                    "Drier, or more pedalled: shown, and no feature of a query. midlevel hears it, "
                    "in pianos alone, and takes a room that rings for pedal: only large "
                    "differences are called so. There is none for recordings that were analysed "
                    "by another encoder, or before ESPR kept it.",
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
}
