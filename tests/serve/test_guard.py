"""Who may ask the server for what: requests that other pages and programs may send."""

from __future__ import annotations

import os
import socket
import threading
from urllib.parse import quote

import pytest

PLACES = (
    *("/", "/pieces/prelude", "/media/1-00000000", "/covers/prelude", "/reading?words=soft"),
    *("/search", "/playlist?takes=1-00000000", "/playlist.m3u8?words=soft"),
)
SECRET = "root:"  # of /etc/passwd


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",  # without the port
        "127.0.0.1:1",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "evil.example:{port}",
        "[::1]:{port}",
        "0.0.0.0:{port}",
        "",
        None,
    ],
)
def test_a_foreign_host_is_refused_whatever_it_knows(served, host):
    host = host and host.format(port=served.access.port)
    for place in PLACES:
        answer = served.ask(place, Host=host)
        assert answer.status in (400, 421), place
        assert "Arrau" not in answer.text


def test_localhost_is_this_computer_too(served):
    assert served.ask("/", Host=f"LOCALHOST:{served.access.port}").status == 200


@pytest.mark.parametrize("cookie", [None, "espr-{port}=", "espr-{port}=x", "other={token}"])
def test_without_the_secret_nothing_is_shown(served, cookie):
    port, token = served.access.port, served.access.token
    cookie = cookie and cookie.format(port=port, token=token)
    for place in PLACES:
        answer = served.ask(place, Cookie=cookie)
        assert answer.status == 403, place
        assert "Arrau" not in answer.text
    assert served.ask("/?token=wrong", Cookie=None).status == 403
    assert served.ask("/undo", "POST", Cookie=None).status == 403
    assert served.ask(f"/undo?token={token}", "POST", Cookie=None).status == 403


def test_the_secret_becomes_a_cookie_that_no_script_reads_and_leaves_the_address(served):
    answer = served.ask(f"/?token={served.access.token}", Cookie=None)
    assert answer.status == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert served.access.token in cookie
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert len(served.access.token) >= 43  # 256 bits


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_pages_of_the_browser_are_refused(served, site):
    """same-site is another port of this computer: ports share cookies."""
    for place in PLACES:
        assert served.ask(place, Sec_Fetch_Site=site).status == 403


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://{host}"]
)
def test_only_its_own_pages_change_anything(served, origin):
    origin = origin and origin.format(host=f"127.0.0.1:{served.access.port}")
    body = "title=Stolen"
    assert served.ask("/pieces/prelude/rename", "POST", body, Origin=origin).status == 403
    assert served.ask("/pieces/prelude").status == 200


def test_reading_changes_nothing(served):
    for place in ("/undo", "/pieces/prelude/rename?title=Stolen", "/pieces/prelude/merge"):
        assert served.ask(place).status == 405
    assert "Stolen" not in served.ask("/").text


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/media/../../../../etc/passwd",
        "/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/media//etc/passwd",
        "/media/" + quote("/etc/passwd", safe=""),
        "/media/-1",
        "/media/1/../../x",
        "/media/1",
        "/media/1-00000000",  # another recording has that number now
        "/media/99999999999999999999999-00000000",
        "/media/9223372036854775807-",
        "/media/1%00.wav",
        "/covers/..%2f..%2fetc%2fpasswd",
        "/pieces/..%2f..%2fetc%2fpasswd",
        "/pieces/%00",
        "/style.css/../../espr/errors.py",
        "//etc/passwd",
    ],
)
def test_nothing_outside_the_library_is_readable(served, path):
    answer = served.ask(path)
    assert answer.status in (400, 404), answer.text[:200]
    assert SECRET not in answer.text


def test_what_is_no_file_any_more_is_not_there(served, tmp_path):
    found = {path.name: path for path in tmp_path.glob("prelude_*.flac")}
    found["prelude_Arrau.flac"].unlink()
    found["prelude_Gould.flac"].unlink()
    os.mkfifo(found["prelude_Gould.flac"])  # a reader would wait for ever
    found["prelude_Hess.flac"].unlink()
    found["prelude_Hess.flac"].mkdir()
    statuses = [served.ask(f"/media/{served.key(number)}").status for number in (1, 2, 3, 4)]
    assert statuses == [404, 404, 404, 200]
    page = served.ask("/pieces/prelude?words=soft")
    assert page.status == 200 and "The recording is not there now." in page.text
    assert served.ask("/covers/prelude").status == 200


@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        (None, 200, None),
        ("bytes=0-99", 206, 100),
        ("bytes=-100", 206, 100),
        ("bytes=100-", 206, None),
        ("bytes=0-99999999999", 206, None),
        ("bytes=99999999999-", 416, 0),
        ("bytes=5-4", 400, None),
        ("bytes=x", 400, None),
        ("lines=0-1", 400, None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 4_000, 2)), 200, None),
    ],
)
def test_ranges_are_answered_as_http_has_them(served, asked, status, length):
    """RFC 9110, section 14; Starlette gained a limit of ranges in 1.5.1."""
    answer = served.ask(f"/media/{served.key(1)}", Range=asked)
    assert answer.status == status
    if length is not None:
        assert len(answer.body) == length
    if status in (200, 206):
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-type"] == "audio/wav"  # what it is, not what it is called
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_becomes_shorter_while_it_is_played_ends_there(served, tmp_path, caplog):
    """As when its tags are written: the server's terminal stays quiet."""
    path = tmp_path / "prelude_Arrau.flac"
    path.write_bytes(path.read_bytes() + bytes(60_000_000))
    head = f"GET /media/{served.key(1)} HTTP/1.1\r\nHost: 127.0.0.1:{served.access.port}\r\n"
    head += f"Cookie: {served.access.cookie}={served.access.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.access.port)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        os.truncate(path, 100_000)
        while connection.recv(1 << 20):
            pass
    assert served.ask(f"/media/{served.key(1)}", Range="bytes=90000-").status == 206
    assert not [record for record in caplog.records if record.exc_info]


def test_two_hundred_listen_at_once_and_the_server_goes_on(served):
    statuses, key = [], served.key(1)

    def listen():
        statuses.append(served.ask(f"/media/{key}", Range="bytes=0-65535").status)

    listeners = [threading.Thread(target=listen) for _ in range(200)]
    for listener in listeners:
        listener.start()
    for listener in listeners:
        listener.join()
    assert statuses == [206] * 200
    assert served.ask("/").status == 200


def test_listeners_who_leave_and_lines_that_are_no_request_cost_nothing(served):
    for line in (b"\0\xff\r\n\r\n", b"GET /media/1 HTTP/1.1\r\n", b"GET " + b"x" * 200_000):
        with socket.create_connection(("127.0.0.1", served.access.port)) as connection:
            connection.sendall(line)
    head = f"GET /media/{served.key(1)} HTTP/1.1\r\nHost: 127.0.0.1:{served.access.port}\r\n"
    head += f"Cookie: {served.access.cookie}={served.access.token}\r\n\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", served.access.port)) as connection:
            connection.sendall(head.encode())
            assert connection.recv(12) == b"HTTP/1.1 200"
    assert served.ask("/").status == 200


def test_a_form_of_megabytes_is_refused(served):
    answer = served.ask("/pieces/prelude/rename", "POST", "title=" + "x" * 1_000_000)
    assert answer.status == 413


def test_every_answer_says_how_it_may_be_used(served):
    for place in PLACES:
        headers = served.ask(place).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
