"""Manual pages, in the man macros of roff: ``espr(1)`` and one page a command.

The subcommands of a command stand on its page.
"""

from __future__ import annotations

from espr import __version__
from espr.cli.shell_files import Argument, Command, Option

# As README.md lists them.
EXIT_CODES = (
    (0, "Done."),
    (1, "Nothing matched: no such piece, no result, no audio files."),
    (2, "Wrong usage or input; the message says what to change."),
    (3, "Done, but some files could not be read."),
    (4, "None of the files could be read."),
    (10, "There is no library yet."),
    (11, "The library is in use by another writer."),
    (12, "The library is damaged or of a newer format; nothing was changed."),
    (70, "An error in ESPR itself, or one of the system such as a full disk."),
    (130, "Interrupted. What was finished is kept."),
    (141, "The reader of the output has gone, as after 'espr pieces | head'."),
)

VARIABLES = (
    ("ESPR_LIBRARY", "The library's file, where --library is not given."),
    ("ESPR_DEBUG", "When set, an error also shows where in the code it arose."),
    ("NO_COLOR", "When set, tables are printed without colours."),
    ("COLUMNS", "The width of tables in a pipe."),
)

FILES = (
    (
        "~/.local/share/espr/library.espr",
        "The library on Linux. On macOS it lies in ~/Library/Application Support/espr, on "
        "Windows in %LOCALAPPDATA%\\espr. It holds everything that ESPR knows; recordings are "
        "only read. Beside it lies a search index that may be deleted at any time.",
    ),
)

EXAMPLES = {
    ("espr",): (
        ("espr index ~/Music", "Hear a folder."),
        ("espr pieces", "See which pieces were found."),
        ('espr query "shy, delicate" --piece bach-c-prelude', "Rank the takes of one of them."),
    ),
    ("espr", "index"): (
        ("espr index ~/Music --dry-run", "See what would be done."),
        ("espr index ~/Music --pieces pieces.csv", "Say which file is of which piece."),
    ),
    ("espr", "query"): (
        ('espr query "very calm, not mechanical" --piece bach', "Degrees and exclusions."),
        ("espr query dreamy --weight articulation=2 --top 5", "The whole library."),
        ("espr query passionate --piece bach --m3u evening.m3u8", "A playlist."),
    ),
    ("espr", "check"): (("espr check && espr backup ~/espr.backup", "A copy, if all is well."),),
    ("espr", "backup"): (("espr backup /media/disk/library.espr", "To another disk."),),
    ("espr", "merge"): (("espr merge laptop.espr studio.espr", "What two machines heard."),),
    ("espr", "demo"): (("espr demo --keep takes", "Keep the takes, to listen and to ask more."),),
    ("espr", "show"): (("espr show grimaud bach", "By performer and piece."),),
    ("espr", "pieces"): (
        ('espr pieces rename bach-c-prelude "Prelude in C, BWV 846"', "Another title."),
        ("espr pieces merge prelude-1 bach-c-prelude", "They are the same piece."),
        ("espr pieces assign take7.flac bach-c-prelude", "A recording in the wrong piece."),
    ),
}


def man_pages(espr: Command) -> dict[str, str]:
    """File name → page."""
    pages = [espr, *espr.commands]
    return {f"{_page(command)}.1": _man_page(command, pages) for command in pages}


def _man_page(command: Command, pages: list[Command]) -> str:
    is_espr = len(command.path) == 1
    lines = [
        f'.TH {_page(command).upper()} 1 "" "espr {__version__}" "ESPR"',
        '.\\" Made by `make shell-files` from the commands themselves; do not edit.',
        ".SH NAME",
        f"{_roff(_page(command))} \\- {_roff(_uncapital(command.summary))}",
        ".SH SYNOPSIS",
        *_synopsis(command),
        ".SH DESCRIPTION",
        *_paragraphs(command),
    ]
    if is_espr:
        lines += [".SH COMMANDS"]
        for each in command.commands:
            lines += [".TP", f".BR {_roff(_page(each))} (1)", _roff(each.summary)]
    lines += _parameters(command, ".SH")
    if command.commands and not is_espr:
        lines += [".SH SUBCOMMANDS"]
        for each in command.commands:
            lines += [f".SS {_roff(each.name)}", *_synopsis(each), ".PP", *_paragraphs(each)]
            lines += _parameters(each, ".PP")
    if command.path in EXAMPLES:
        lines += [".SH EXAMPLES"]
        for typed, meaning in EXAMPLES[command.path]:
            lines += [".TP", f".B {_roff(typed)}", _roff(meaning)]
    lines += [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES:
        lines += [".TP", f".B {code}", _roff(meaning)]
    if is_espr:
        for title, entries in (("ENVIRONMENT", VARIABLES), ("FILES", FILES)):
            lines += [f".SH {title}"]
            for name, meaning in entries:
                lines += [".TP", f".B {_roff(name)}", _roff(meaning)]
    others = [page for page in pages if page is not command]
    lines += [".SH SEE ALSO"]
    for page in others:
        comma = "" if page is others[-1] else ","
        lines.append(f".BR {_roff(_page(page))} (1){comma}")
    return "\n".join([*lines, ""])


def _page(command: Command) -> str:
    return "-".join(command.path)


def _synopsis(command: Command) -> list[str]:
    words = [f"\\fB{_roff(command.name)}\\fR", "[\\fIOPTIONS\\fR]"]
    if command.commands:
        words.append("\\fICOMMAND\\fR" if len(command.path) == 1 else "[\\fICOMMAND\\fR]")
    words += [_argument(argument) for argument in command.arguments]
    return [" ".join(words)]


def _argument(argument: Argument) -> str:
    text = f"\\fI{_roff(argument.metavar)}\\fR" + ("..." if argument.many else "")
    return text if argument.required else f"[{text}]"


def _paragraphs(command: Command) -> list[str]:
    lines: list[str] = []
    for paragraph in command.description:
        lines += [".PP", _roff(paragraph)] if lines else [_roff(paragraph)]
    return lines


def _parameters(command: Command, heading: str) -> list[str]:
    explained = [argument for argument in command.arguments if argument.help]
    lines = [".SH ARGUMENTS"] if explained and heading == ".SH" else []
    for argument in explained:
        lines += [".TP", f"\\fI{_roff(argument.metavar)}\\fR", _roff(argument.help)]
    if heading == ".SH":
        lines.append(".SH OPTIONS")
    for option in command.options:
        lines += [".TP", _option(option), _roff(option.help)]
    return lines


def _option(option: Option) -> str:
    names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in option.names)
    return f"{names} \\fI{_roff(option.metavar)}\\fR" if option.metavar else names


def _uncapital(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _roff(text: str) -> str:
    """Text as roff reads it: a hyphen that can be copied, no control line by chance."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti")
    # a double quote would end an argument of .B
    escaped = escaped.replace("'", "\\(aq").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
