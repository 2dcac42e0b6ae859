"""What takes are called: their players, else what differs between them."""

from espr.works.take_names import Take, name_take, name_takes


def test_players_are_named_and_files_where_nobody_is_known() -> None:
    takes = [Take("Ann", "/m/a.wav"), Take("", "/m/my_take.wav"), Take("", "/m/lesson 2.wav")]
    assert name_takes(takes) == ["Ann", "my take", "lesson 2"]


def test_folders_tell_takes_apart_that_share_a_file_name() -> None:
    takes = [Take("", "/m/1999/01 Prelude.wav"), Take("", "/m/2004/01 Prelude.wav")]
    assert name_takes(takes) == ["1999", "2004"]


def test_tracks_of_one_file_are_told_apart_by_their_start() -> None:
    takes = [Take("", "/m/all.flac", 0.0), Take("", "/m/all.flac", 65.0)]
    assert name_takes(takes) == ["all", "all at 1:05"]


def test_nothing_to_name() -> None:
    assert name_takes([]) == []
    assert name_takes([Take("", "/m/x.wav")]) == ["x"]


def test_a_take_alone_is_called_by_its_file_and_by_the_folder_of_a_mere_number() -> None:
    assert name_take(Take("Ann", "/m/x.wav")) == "Ann"
    assert name_take(Take("", "/m/2004/my_take.wav")) == "my take"
    assert name_take(Take("", "/m/2004/01.wav")) == "01, 2004"
