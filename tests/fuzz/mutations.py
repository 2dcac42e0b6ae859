"""Damage to a file, by a seeded generator: what decoders and parsers get wrong.

Half of the damage falls into the first 512 bytes, where headers are; numbers are replaced by
the limits of their widths, in both byte orders.
"""

from __future__ import annotations

from random import Random

_HEADER = 512
_LONGEST = 1 << 20  # bytes of a damaged file
_LIMITS = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WIDE_LIMITS = (0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF)
# What text formats trip over.
_TOKENS = (
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b"'", b",", b";"),
    *(b"nan", b"-inf", b"1e999", b"-1", b"9" * 400, b"9999999999", "²".encode(), b"null"),
    *(b"true", b"[", b"{", b"}", b"]", b"\\", b"../../", b"/etc/passwd"),
    *(b"\x1b[2J", "\u202e".encode(), "\u2028".encode(), b"\xed\xa0\x80"),
)


def mutated(seed: bytes, random: Random) -> bytes:
    """The bytes with one to five kinds of damage."""
    data = bytearray(seed)
    for _ in range(random.randint(1, 5)):
        random.choice(_DAMAGE)(data, random)
    return bytes(data[:_LONGEST])


def _place(data: bytearray, random: Random) -> int:
    end = min(len(data), _HEADER) if random.random() < 0.5 else len(data)
    return random.randrange(end + 1)


def _flip(data: bytearray, random: Random) -> None:
    for _ in range(random.randint(1, 16)):
        at = _place(data, random)
        data[at : at + 1] = bytes([random.randrange(256)])


def _limit(data: bytearray, random: Random) -> None:
    width = random.choice((1, 2, 3, 4, 4, 8))
    number = random.choice(_LIMITS + _WIDE_LIMITS if width == 8 else _LIMITS)
    order = random.choice(("little", "big"))
    at = _place(data, random)
    data[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, order)


def _shift(data: bytearray, random: Random) -> None:
    """A byte a little larger or smaller: lengths that are off by a few."""
    at = _place(data, random)
    if at < len(data):
        data[at] = (data[at] + random.choice((-2, -1, 1, 2))) % 256


def _cut(data: bytearray, random: Random) -> None:
    del data[_place(data, random) :]


def _remove(data: bytearray, random: Random) -> None:
    at = _place(data, random)
    del data[at : at + random.choice((1, 2, 4, 16, 256))]


def _repeat(data: bytearray, random: Random) -> None:
    at = _place(data, random)
    part = data[at : at + random.choice((1, 4, 16, 256, 4096))]
    data[at:at] = part * random.choice((1, 2, 8))


def _move(data: bytearray, random: Random) -> None:
    at, to = _place(data, random), _place(data, random)
    length = random.choice((4, 16, 64))
    data[to : to + length] = data[at : at + length]


def _insert(data: bytearray, random: Random) -> None:
    at = _place(data, random)
    token = random.choice(_TOKENS)
    # rarely more than a field of a table, and nested deeper than Python's stack
    data[at:at] = token * random.choice((1,) * 8 + (70, 70, 140_000 // len(token)))


def _zero(data: bytearray, random: Random) -> None:
    at = _place(data, random)
    length = min(random.choice((8, 64, 1024)), len(data) - at)
    data[at : at + length] = bytes([random.choice((0, 255))]) * length


_DAMAGE = (
    _flip,
    _flip,
    _limit,
    _limit,
    _limit,
    _shift,
    _cut,
    _remove,
    _repeat,
    _move,
    _insert,
    _zero,
)
