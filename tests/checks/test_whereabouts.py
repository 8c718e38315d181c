"""Tests of `teahouse.checks.whereabouts`: what files say about where a project stands."""

from pathlib import Path

import pytest

from teahouse.checks.whereabouts import NoProject, Whereabouts, import_root, nearest_project, settings_below

NAMES = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")\n'


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_manage_py_stands_where_commands_are_run(tmp_path: Path) -> None:
    write(tmp_path, deep__manage=NAMES, deep__web__asgi=NAMES)
    assert nearest_project(tmp_path) == Whereabouts(tmp_path / "deep", "web.settings")


def test_an_asgi_py_stands_inside_a_package(tmp_path: Path) -> None:
    write(tmp_path, web__asgi=NAMES)
    assert nearest_project(tmp_path) == Whereabouts(tmp_path, "web.settings")


def test_without_either_it_is_the_folder_itself(tmp_path: Path) -> None:
    assert nearest_project(tmp_path) == Whereabouts(tmp_path)


def test_of_two_that_are_as_near_none_is_taken(tmp_path: Path) -> None:
    write(tmp_path, a__manage=NAMES, b__manage=NAMES)
    with pytest.raises(NoProject, match="a, b; name one"):
        nearest_project(tmp_path)


def test_the_first_settings_that_a_file_names_are_taken(tmp_path: Path) -> None:
    write(tmp_path, manage=f"if 1:\n    {NAMES}else:\n    {NAMES.replace('web', 'other')}")
    assert nearest_project(tmp_path).settings == "web.settings"


def test_a_class_of_settings_is_read_too(tmp_path: Path) -> None:
    write(tmp_path, manage=NAMES + 'os.environ.setdefault("DJANGO_CONFIGURATION", "Development")\n')
    assert nearest_project(tmp_path).configuration == "Development"


@pytest.mark.parametrize(
    ("named", "file"),
    [("web.settings", "web/settings.py"), ("web.settings", "web/settings/__init__.py"), ("settings", "settings.py")],
)
@pytest.mark.parametrize("folder", ["home", "home/src", "."])
def test_modules_are_imported_from_home_or_below_or_above(tmp_path: Path, named: str, file: str, folder: str) -> None:
    (tmp_path / "home").mkdir()
    path = tmp_path / folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert import_root(Whereabouts(tmp_path / "home"), named) == (tmp_path / folder).resolve()


def test_modules_that_are_nowhere_are_taken_to_be_at_home(tmp_path: Path) -> None:
    assert import_root(Whereabouts(tmp_path), "web.settings") == tmp_path


def test_settings_below_are_told_as_modules(tmp_path: Path) -> None:
    write(tmp_path, web__settings__dev="", other__settings="", other__views="")
    assert settings_below(tmp_path) == ["other.settings", "web.settings.dev"]
