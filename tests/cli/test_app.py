"""The command line as a whole: help, usage errors, exit codes, and leaving early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import click
import pytest
import typer

from espr import __version__
from espr.catalog.locations import VARIABLE
from espr.cli import app
from espr.errors import INTERRUPTED, NOTHING_MATCHED, WRONG_INPUT, EsprError
from tests.synthetic_library import build
from tests.typed import PATIENCE, Espr, heed_ctrl_c


@pytest.fixture
def espr(monkeypatch, capsys):
    """Type a command; get its exit code, output and errors."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("ESPR_DEBUG", raising=False)
    return Espr(monkeypatch, capsys)


@pytest.fixture
def answering(monkeypatch):
    """Let ``espr answer`` do what a test wants."""

    def answer_with(action):
        commands = typer.Typer(rich_markup_mode=None)
        commands.command("answer")(action)
        commands.callback()(lambda: None)
        monkeypatch.setattr(app, "app", commands)

    return answer_with


def commands(group=None, path=()):
    """The words of every command, groups included."""
    group = group or typer.main.get_command(app.app)
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_the_help_of_every_command_is_plain_and_fits_80_columns(espr, path):
    code, out, err = espr(*path, "--help")
    assert (code, err) == (0, "")
    assert " ".join(out.split()).startswith(" ".join(["Usage: espr", *path]))
    assert max(map(len, out.splitlines())) <= 80
    assert out.isascii() and "\\" not in out
    assert espr(*path, "-h") == (code, out, err)


@pytest.mark.parametrize("group", [[], ["pieces"]])
def test_no_summary_of_a_command_is_cut_off(espr, group):
    assert "..." not in espr(*group, "--help")[1].partition("Commands:")[2]


def test_the_arguments_are_explained(espr):
    # click 8.5 loses their help without a word
    _, out, _ = espr("query", "--help")
    assert "How it should sound" in out


def test_version(espr):
    assert espr("--version") == (0, f"espr {__version__}\n", "")


def test_without_a_command_the_help_is_shown_and_it_is_wrong_usage(espr):
    code, out, err = espr()
    assert (code, out) == (WRONG_INPUT, "")
    assert err.startswith("Usage: espr [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("quary soft", "no command 'quary'; did you mean query? try: espr --help"),
        ("pieces renmae a b", "no command 'renmae'; did you mean rename? try: espr pieces --help"),
        ("xyz", "no command 'xyz'; there is index, query, show, "),
        ("query --pice x", "no option --pice; did you mean --piece? try: espr query --help"),
        ("query soft -x", "no option -x; try: espr query --help"),
        ("--vresion", "no option --vresion; did you mean --version? try: espr --help"),
        ("show", "missing argument 'RECORDING...'; try: espr show --help"),
        ("index", "missing argument 'FOLDER...'; try: espr index --help"),
        ("query --top", "option '--top' requires an argument; try: espr query --help"),
        ("query --top few soft", "invalid value for '--top' / '-n': 'few' is not a valid int"),
        ("query --top 0 soft", "invalid value for '--top' / '-n': 0 is not in the range x>=1"),
        ("pieces rename a b c", "got unexpected extra argument (c); try: espr pieces rename --"),
    ],
)
def test_a_usage_error_takes_one_line_that_says_where_to_read_on(espr, typed, said):
    code, out, err = espr(*typed.split())
    assert (code, out) == (WRONG_INPUT, "")
    assert err.startswith(f"espr: {said}")
    assert err.count("\n") == 1 and err.isascii()


@pytest.mark.parametrize("code", [0, 3, 130])
def test_a_command_leaves_with_its_own_code(espr, answering, code):
    def answer():
        print("so far")
        raise typer.Exit(code)

    answering(answer)
    assert espr("answer") == (code, "so far\n", "")


def test_an_error_takes_one_line_and_keeps_its_code(espr, answering):
    def answer():
        raise EsprError("no piece 'x\x1b[2J\ny'", NOTHING_MATCHED)

    answering(answer)
    assert espr("answer") == (NOTHING_MATCHED, "", "espr: no piece 'x[2J y'\n")


def test_an_interruption(espr, answering):
    def answer():
        raise KeyboardInterrupt

    answering(answer)
    assert espr("answer") == (INTERRUPTED, "", "espr: interrupted\n")


def test_an_unexpected_error_is_called_a_bug_and_shown_on_request(espr, answering, monkeypatch):
    def answer():
        raise ZeroDivisionError("by zero")

    answering(answer)
    code, out, err = espr("answer")
    assert (code, out) == (app.UNEXPECTED, "")
    assert (
        err == "espr: this is a bug in ESPR: ZeroDivisionError: by zero; ESPR_DEBUG=1 shows where\n"
    )
    monkeypatch.setenv("ESPR_DEBUG", "1")
    code, _, err = espr("answer")
    assert code == app.UNEXPECTED
    assert err.startswith("Traceback") and err.endswith("ZeroDivisionError: by zero\n")


def test_what_the_system_refuses_is_no_bug(espr, answering):
    def answer():
        raise OSError(28, "No space left on device")

    answering(answer)
    code, _, err = espr("answer")
    assert code == app.UNEXPECTED
    assert err == "espr: the system refused: [Errno 28] No space left on device\n"


def test_the_pipe_of_a_worker_is_not_taken_for_the_reader(espr, answering):
    def answer():
        raise BrokenPipeError(32, "Broken pipe")

    answering(answer)
    code, _, err = espr("answer")
    assert code == app.UNEXPECTED
    assert "the system refused" in err


def start(*arguments, **options):
    """ESPR as its own process."""
    return subprocess.Popen(
        [sys.executable, "-m", "espr", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_ctrl_c,
        **options,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no closed pipes of this kind")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_nothing_is_said_when_the_reader_has_gone(argument, unbuffered):
    with start(argument, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}) as process:
        process.stdout.close()
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (app.READER_GONE, b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no closed pipes of this kind")
@pytest.mark.parametrize("arguments", ["query soft", "query soft --json", "pieces"])
def test_a_command_whose_reader_has_gone_says_nothing(arguments, tmp_path):
    # through rich, through print, with and without a flush
    build(tmp_path / "library.espr").close()
    environment = {**os.environ, VARIABLE: str(tmp_path / "library.espr")}
    with start(*arguments.split(), env=environment) as process:
        process.stdout.close()
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (app.READER_GONE, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_takes_one_line():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "espr", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == app.UNEXPECTED
    assert done.stderr == b"espr: the system refused: [Errno 28] No space left on device\n"


INTERRUPTS_ITS_IMPORT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "espr.cli.app":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
from espr.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_while_the_program_is_imported_takes_one_line():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTS_ITS_IMPORT],
        capture_output=True,
        preexec_fn=heed_ctrl_c,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        *(INTERRUPTED, b""),
        b"espr: interrupted\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_while_a_query_is_read_from_the_keyboard(tmp_path):
    with start("query", "--queries", "-", stdin=subprocess.PIPE) as process:
        # More than a pipe holds: once it is written, the command has begun to read.
        process.stdin.write(b"soft\n" * 100_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (INTERRUPTED, b"espr: interrupted\n")


def test_a_letter_that_the_terminal_lacks_is_no_reason_to_stop():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "espr",
            "query",
            "--like",
            "Kreutzer – Sonate",
            "--library",
            "é.espr",
        ],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 10
    assert done.stderr.startswith(b"espr: no library at ") and b"?.espr" in done.stderr


@pytest.mark.parametrize("name", ["query", "pieces", "qeury", "--help"])
def test_only_the_command_that_is_asked_for_is_made(name):
    made = app._command_line([name, "x"])
    assert isinstance(made, click.Group)
    known = typer.main.get_command(app.app)
    assert isinstance(known, click.Group)
    assert set(made.commands) == ({name} if name in known.commands else set(known.commands))
