"""Completion scripts for bash, zsh and fish.

Commands and options stand in the scripts, so that completing them starts no Python; only the
names of pieces are asked for (``espr slugs``).
"""

from __future__ import annotations

from collections.abc import Iterable

from espr.cli.shell_files import FILE, FOLDER, PIECE, Argument, Command, Option, Values

_MADE = "# Made by `make shell-files` from the commands themselves; do not edit."


def bash(espr: Command) -> str:
    """The script for bash, 3.2 or newer; it needs no bash-completion package."""
    takers = {
        f"{command.name} {name}": option
        for command, option in _options(espr)
        if option.metavar
        for name in option.names
    }
    below = [command.name for command in espr.walk() if command is not espr]
    values = [
        (pattern, option.values)
        for pattern, option in takers.items()
        if option.values and not pattern.endswith(" --library")
    ]
    return "\n".join(
        [
            "# bash completion for espr",
            _MADE,
            "",
            "_espr_words() {",
            '    COMPREPLY=($(compgen -W "$1" -- "$current"))',
            "}",
            "",
            "_espr_files() {",
            "    local IFS=$'\\n'",
            "    compopt -o filenames 2>/dev/null",
            '    COMPREPLY=($(compgen "$1" -- "$current"))',
            "}",
            "",
            "_espr_slugs() {",
            '    _espr_words "$(espr slugs ${library:+--library "$library"} 2>/dev/null)"',
            "}",
            "",
            "_espr() {",
            "    local command=espr library= position=0 i word",
            "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}",
            "    COMPREPLY=()",
            "    # --option=value comes as three words",
            "    if [[ $current == = ]]; then",
            "        current=",
            "    elif [[ $previous == = ]]; then",
            "        previous=${COMP_WORDS[COMP_CWORD - 2]}",
            "    fi",
            "    for ((i = 1; i < COMP_CWORD; i++)); do",
            "        word=${COMP_WORDS[i]}",
            '        case "$command $word" in',
            f"        {_patterns(below, 8)})",
            '            command="$command $word"',
            "            position=0",
            "            ;;",
            f"        {_patterns(takers, 8)})",
            "            i=$((i + 1))",
            "            if [[ ${COMP_WORDS[i]} == = ]]; then i=$((i + 1)); fi",
            "            if [[ $word == --library ]]; then library=${COMP_WORDS[i]}; fi",
            "            ;;",
            '        *" -"*) ;;',
            "        *) position=$((position + 1)) ;;",
            "        esac",
            "    done",
            "    # a quoted ~ is nobody's home",
            "    library=${library/#\\~/$HOME}",
            '    case "$command $previous" in',
            *_bash_values(values),
            f"    {_patterns([p for p in takers if p.endswith(' --library')], 4)})",
            "        _espr_files -f",
            "        return",
            "        ;;",
            *_bash_nothing([p for p, option in takers.items() if not option.values]),
            "    esac",
            '    case "$command" in',
            *_bash_commands(espr),
            "    esac",
            "}",
            "",
            "complete -F _espr espr",
            "",
        ]
    )


def _bash_values(values: Iterable[tuple[str, Values]]) -> list[str]:
    grouped: dict[Values, list[str]] = {}
    for pattern, kind in values:
        grouped.setdefault(kind, []).append(pattern)
    lines = []
    for kind, patterns in grouped.items():
        lines += [f"    {_patterns(patterns, 4)})", f"        {_bash_action(kind)}"]
        if isinstance(kind, tuple) and kind[0].endswith("="):
            lines.append("        compopt -o nospace 2>/dev/null")
        lines += ["        return", "        ;;"]
    return lines


def _bash_nothing(patterns: list[str]) -> list[str]:
    return [f"    {_patterns(patterns, 4)})", "        return", "        ;;"] if patterns else []


def _bash_commands(espr: Command) -> list[str]:
    lines = []
    for command in espr.walk():
        names = " ".join(name for option in command.options for name in option.names)
        lines += [
            f'    "{command.name}")',
            f'        if [[ $current == -* ]]; then _espr_words "{names}"',
        ]
        if command.commands:
            below = " ".join(each.path[-1] for each in command.commands)
            lines.append(f'        elif ((position == 0)); then _espr_words "{below}"')
        for position, argument in enumerate(command.arguments):
            if argument.values:
                at = f"position {'>=' if argument.many else '=='} {position}"
                lines.append(f"        elif (({at})); then {_bash_action(argument.values)}")
        lines += ["        fi", "        ;;"]
    return lines


def _bash_action(values: Values) -> str:
    if values == PIECE:
        return "_espr_slugs"
    if values in (FILE, FOLDER):
        return f"_espr_files {'-f' if values == FILE else '-d'}"
    return f'_espr_words "{" ".join(values)}"'


def _patterns(patterns: Iterable[str], indent: int) -> str:
    return (" | \\\n" + " " * (indent + 4)).join(f'"{pattern}"' for pattern in patterns)


def zsh(espr: Command) -> str:
    """The script for zsh: a file in a folder of ``$fpath``."""
    lines = [
        "#compdef espr",
        _MADE,
        "",
        "_espr_slugs() {",
        "  local -a slugs library",
        "  (( ${+opt_args[--library]} )) && library=(--library ${(Q)~opt_args[--library]})",
        '  slugs=(${(f)"$(_call_program slugs espr slugs $library 2>/dev/null)"})',
        "  _describe -t pieces piece slugs",
        "}",
    ]
    for command in reversed(list(espr.walk())):
        lines += ["", f"{_zsh_function(command)}() {{", *_zsh_body(command), "}"]
    return "\n".join([*lines, "", '_espr "$@"', ""])


def _zsh_function(command: Command) -> str:
    return "_" + "_".join(part.replace("-", "_") for part in command.path)


def _zsh_body(command: Command) -> list[str]:
    specs = [_zsh_option(option) for option in command.options]
    specs += [_zsh_argument(argument) for argument in command.arguments]
    if not command.commands:
        return _zsh_arguments("-s -S", specs)
    body = ["  local curcontext=$curcontext state line", "  typeset -A opt_args"]
    body += _zsh_arguments("-C", [*specs, "'1: :->command'", "'*:: :->arguments'"])
    described = [
        f"      {_quoted(_colons(c.path[-1]) + ':' + c.summary)}" for c in command.commands
    ]
    cases = [f"      {c.path[-1]}) {_zsh_function(c)} ;;" for c in command.commands]
    return [
        *body,
        "  case $state in",
        "  command)",
        "    local -a commands=(",
        *described,
        "    )",
        "    _describe -t commands command commands",
        "    ;;",
        "  arguments)",
        "    case $line[1] in",
        *cases,
        "    esac",
        "    ;;",
        "  esac",
    ]


def _zsh_arguments(flags: str, specs: list[str]) -> list[str]:
    return [f"  _arguments {flags} \\", *(f"    {s} \\" for s in specs[:-1]), f"    {specs[-1]}"]


def _zsh_option(option: Option) -> str:
    text = "[" + _brackets(option.help) + "]"
    if option.metavar:
        text += f":{_colons(option.metavar.lower())}:{_zsh_action(option.values)}"
    if option.many:
        return _quoted("*" + option.long + text)
    if len(option.names) == 1:
        return _quoted(option.long + text)
    names = " ".join(option.names)
    return f"'({names})'{{{','.join(option.names)}}}{_quoted(text)}"


def _zsh_argument(argument: Argument) -> str:
    star = "*" if argument.many else ""
    return _quoted(f"{star}:{argument.metavar.lower()}:{_zsh_action(argument.values)}")


def _zsh_action(values: Values) -> str:
    if isinstance(values, tuple):
        if values[0].endswith("="):
            return "compadd -S '' " + " ".join(values)
        return "(" + " ".join(values) + ")"
    return {FILE: "_files", FOLDER: "_files -/", PIECE: "_espr_slugs"}.get(values, "")


def fish(espr: Command) -> str:
    """The script for fish, 3.0 or newer."""
    takers = [
        f"{command.name} {name}"
        for command, option in _options(espr)
        if option.metavar
        for name in option.names
    ]
    below = [command.name for command in espr.walk() if command is not espr]
    lines = [
        "# fish completion for espr",
        _MADE,
        "",
        "function __espr_command",
        "    set -l words (commandline -opc)",
        "    set -l command espr",
        "    set -l skip 0",
        "    for word in $words[2..-1]",
        "        if test $skip = 1",
        "            set skip 0",
        "            continue",
        "        end",
        '        switch "$command $word"',
        "            case " + " ".join(map(_quoted, below)),
        '                set command "$command $word"',
        "            case " + " ".join(map(_quoted, takers)),
        "                set skip 1",
        "        end",
        "    end",
        "    echo $command",
        "end",
        "",
        "function __espr_is",
        '    test (__espr_command) = "$argv"',
        "end",
        "",
        "function __espr_slugs",
        "    set -l words (commandline -opc)",
        "    set -l library",
        "    if set -l at (contains -i -- --library $words[1..-2])",
        "        set library --library $words[(math $at + 1)]",
        "    end",
        "    espr slugs $library 2>/dev/null",
        "end",
        "",
        "complete -c espr -f",
    ]
    for command in espr.walk():
        condition = f"complete -c espr -n '__espr_is {command.name}'"
        for each in command.commands:
            lines.append(f"{condition} -a {each.path[-1]} -d {_quoted(each.summary)}")
        for values in dict.fromkeys(a.values for a in command.arguments if a.values):
            lines.append(f"{condition} {_fish_action(values)}")
        for option in command.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in option.names
            )
            action = ""
            if option.metavar:
                action = " -r " + _fish_action(option.values) if option.values else " -x"
            lines.append(f"{condition} {names}{action} -d {_quoted(option.help)}")
    return "\n".join([*lines, ""])


def _fish_action(values: Values) -> str:
    if isinstance(values, tuple):
        return "-f -a " + _quoted(" ".join(values))
    return {
        FILE: "-F",
        FOLDER: "-f -a '(__fish_complete_directories)'",
        PIECE: "-f -a '(__espr_slugs)'",
    }[values]


def _options(espr: Command) -> Iterable[tuple[Command, Option]]:
    return ((command, option) for command in espr.walk() for option in command.options)


def _quoted(text: str) -> str:
    """In single quotes, as all three shells read them (fish knows ``'\\''`` as well)."""
    return "'" + text.replace("'", "'\\''") + "'"


def _brackets(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def _colons(text: str) -> str:
    return text.replace(":", "\\:")
