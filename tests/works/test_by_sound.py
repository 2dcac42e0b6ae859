"""Strays join what they sound like; nothing else moves."""

from __future__ import annotations

from espr.works.by_sound import SOUND, Link, join_by_sound
from espr.works.grouping import SINGLE, Assignment
from tests.cpu_time import cpu_seconds

COPIED, ASSIGNED = "same audio", "assigned"


def joined(
    pieces: list[tuple[str, str]], links: list[tuple], named: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """Key and rule of recordings 1, 2, … by their keys and rules before."""
    assignments = [
        Assignment(number, key, rule, key, "", "") for number, (key, rule) in enumerate(pieces, 1)
    ]
    found = join_by_sound(
        assignments,
        [Link(*link) for link in links],
        copied=COPIED,
        assigned=ASSIGNED,
        named=named,
    )
    return [(one.key, one.rule) for one in found]


def test_strays_that_sound_alike_are_a_piece_under_the_key_of_the_first():
    pieces = [("x", SINGLE), ("a", SINGLE), ("b", SINGLE), ("c", SINGLE)]
    found = joined(pieces, [(2, 4, 0.5), (3, 4, 0.4)])
    assert found == [("x", SINGLE), ("a", SOUND), ("a", SOUND), ("a", SOUND)]


def test_a_stray_joins_the_piece_that_it_sounds_most_like_and_takes_others_along():
    pieces = [("a", SINGLE), ("b", SINGLE), ("waltz", "file-name"), ("polka", "folder")]
    found = joined(pieces, [(1, 2, 0.5), (1, 3, 0.4), (2, 4, 0.45)])
    assert found[:2] == [("polka", SOUND), ("polka", SOUND)]
    assert found[2:] == pieces[2:]


def test_what_may_be_like_half_of_a_piece_joins_it_and_what_may_be_like_one_does_not():
    piece = [("a", SINGLE), ("b", SINGLE), ("c", SINGLE), ("d", SINGLE)]
    sure = [(1, 2, 0.5), (2, 3, 0.5), (3, 4, 0.5)]
    stray = [*piece, ("x", SINGLE)]
    assert joined(stray, [*sure, (5, 1, 0.2, False), (4, 5, 0.2, False)])[4] == ("a", SOUND)
    assert joined(stray, [*sure, (5, 1, 0.2, False)])[4] == ("x", SINGLE)
    # nor do two strays join that may be like each other, or a stray that is not one's alone
    assert joined(piece[:2], [(1, 2, 0.2, False)]) == piece[:2]
    pair = [*piece, ("x", SINGLE), ("y", SINGLE)]
    unsure = [(one, other, 0.2, False) for one in (1, 2, 3, 4) for other in (5, 6)]
    assert joined(pair, [*sure, *unsure, (5, 6, 0.4)])[4:] == [("x", SOUND), ("x", SOUND)]


def test_of_many_performances_it_takes_three_and_no_copies_count():
    tagged = [("waltz", "folder")] * 300
    stray = [*tagged, ("x", SINGLE)]
    assert joined(stray, [(n, 301, 0.2, False) for n in (1, 2)])[-1] == ("x", SINGLE)
    assert joined(stray, [(n, 301, 0.2, False) for n in (1, 2, 3)])[-1] == ("waltz", SOUND)
    copies = [("waltz", "folder"), ("waltz", COPIED), ("x", SINGLE)]
    assert joined(copies, [(1, 3, 0.2, False), (2, 3, 0.2, False)])[-1] == ("x", SINGLE)


def test_ten_times_the_strays_cost_about_ten_times_as_much():
    def group(count: int) -> None:
        sure = [(3 * n + 1, 3 * n + 2, 0.5) for n in range(count)]
        unsure = [(3 * n + 1, 3 * n + 3, 0.2, False) for n in range(count)]
        found = joined([(f"{n:06}", SINGLE) for n in range(3 * count)], [*sure, *unsure])
        assert [rule for _, rule in found] == [SOUND, SOUND, SINGLE] * count

    assert cpu_seconds(lambda: group(10_000)) < 20 * cpu_seconds(lambda: group(1_000))


def test_certain_works_are_never_joined():
    pieces = [("waltz", "composer+title"), ("valse", "work-id"), ("x", "manifest")]
    assert joined(pieces, [(1, 2, 0.6), (2, 3, 0.6)]) == pieces


def test_what_the_user_assigned_neither_moves_nor_draws_others():
    pieces = [("waltz", ASSIGNED), ("a", SINGLE), ("polka", "merged")]
    assert joined(pieces, [(1, 2, 0.6)]) == pieces
    assert joined(pieces, [(2, 3, 0.3)])[1] == ("polka", SOUND)


def test_a_stray_with_a_title_by_the_user_stays_and_others_join_it():
    pieces = [("a", SINGLE), ("b", SINGLE)]
    assert joined(pieces, [(1, 2, 0.6)], ("b",)) == [("b", SOUND), ("b", SINGLE)]


def test_copies_of_a_stray_go_with_it():
    pieces = [("a", SINGLE), ("a", COPIED), ("waltz", "folder")]
    assert joined(pieces, [(1, 3, 0.6)])[:2] == [("waltz", SOUND), ("waltz", SOUND)]
