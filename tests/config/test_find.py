"""Where the config file is looked for, in order."""

from pathlib import Path

import pytest

from reconciler.config import find
from reconciler.config.find import find_config


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.setattr(find, "SYSTEM_FILE", tmp_path / "etc/tendlc.yaml")
    return {
        "here": tmp_path / "here/tendlc.yaml",
        "xdg": tmp_path / "xdg/tendlc/tendlc.yaml",
        "home": tmp_path / "home/.config/tendlc/tendlc.yaml",
        "etc": tmp_path / "etc/tendlc.yaml",
    }


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_the_order(tmp_path: Path, places: dict[str, Path]) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "HOME": str(tmp_path / "home")}
    put(*places.values())
    here = tmp_path / "here"

    assert find_config(Path("/x/c.yaml"), {**environ, "TENDLC_CONFIG": "/y"}, here) == Path("/x/c.yaml")
    assert find_config(None, {**environ, "TENDLC_CONFIG": "/y"}, here) == Path("/y")
    for name in ("here", "xdg", "etc"):
        assert find_config(None, environ, here) == places[name]
        places[name].unlink()
    assert find_config(None, environ, here) == places["here"]
    assert find_config(None, {"HOME": environ["HOME"]}, here) == places["home"]


def test_a_file_named_on_purpose_need_not_be_there(tmp_path: Path, places: dict[str, Path]) -> None:
    put(places["here"])

    assert find_config(tmp_path / "gone.yaml", {}, tmp_path / "here") == tmp_path / "gone.yaml"
    assert find_config(None, {"TENDLC_CONFIG": "/gone.yaml"}, tmp_path / "here") == Path("/gone.yaml")


def test_a_name_stays_as_the_user_gave_it(tmp_path: Path) -> None:
    assert find_config(Path("a/b.yaml"), {}, tmp_path) == Path("a/b.yaml")
    assert find_config(None, {"TENDLC_CONFIG": "c.yaml"}, tmp_path) == Path("c.yaml")


def test_a_folder_in_its_place_is_not_passed_over(tmp_path: Path, places: dict[str, Path]) -> None:
    """A container runtime makes a folder where a mounted file is missing."""
    places["here"].mkdir(parents=True)
    put(places["etc"])

    assert find_config(None, {}, tmp_path / "here") == places["here"]


def test_empty_variables_are_none(tmp_path: Path, places: dict[str, Path]) -> None:
    put(places["etc"])

    assert find_config(None, {"TENDLC_CONFIG": "", "XDG_CONFIG_HOME": ""}, tmp_path / "here") == places["etc"]
