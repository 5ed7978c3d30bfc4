"""What is in the wheel, and what it says of itself."""

from __future__ import annotations

import configparser
import email.parser
import zipfile
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

COMPONENTS = (
    "neon_check",
    "neon_display_lag",
    "neon_event",
    "neon_gate",
    "neon_gaze",
    "neon_markers",
    "neon_recording",
    "neon_validate",
)
THEMES = ("light", "dark", "classic")
INSTALLED_AS = {
    "psychopy_neon": "psychopy_neon",
    "builder_components": "psychopy_neon/builder_components",
    "demos": "psychopy_neon/demos",
}


@pytest.fixture(scope="module")
def metadata(wheel: Path, wheel_names: frozenset[str]) -> Message:
    (name,) = (name for name in wheel_names if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        return email.parser.Parser().parsestr(archive.read(name).decode())


@pytest.fixture(scope="module")
def requirements(metadata: Message) -> list[Requirement]:
    """What every user installs; the extras are ours."""
    lines = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    return [line for line in lines if "extra" not in str(line.marker)]


def _installed_path(file: Path, root: Path) -> str:
    folder, *rest = file.relative_to(root).parts
    return "/".join([INSTALLED_AS[folder], *rest])


def _packages(root: Path) -> set[str]:
    """Every folder of the checkout that is a package, by the path it is installed at."""
    markers = (file for folder in INSTALLED_AS for file in (root / folder).rglob("__init__.py"))
    return {_installed_path(marker.parent, root) for marker in markers}


def test_nothing_but_our_package_reaches_site_packages(wheel_names: frozenset[str]) -> None:
    tops = {PurePosixPath(name).parts[0] for name in wheel_names}
    assert tops == {"psychopy_neon", "psychopy_neon-0.1.0.dist-info"}


def test_the_hand_written_package_list_equals_the_folders(
    wheel_names: frozenset[str], repository: Path
) -> None:
    shipped = {str(PurePosixPath(name).parent) for name in wheel_names if "__init__.py" in name}
    assert shipped == _packages(repository)


@pytest.mark.parametrize("folder", INSTALLED_AS)
def test_every_module_is_shipped(
    wheel_names: frozenset[str], repository: Path, folder: str
) -> None:
    modules = {
        _installed_path(file, repository)
        for file in (repository / folder).rglob("*.py")
        if not file.stem.endswith("_lastrun")
    }
    assert modules
    assert modules - wheel_names == set()


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_ships_its_icons_for_every_theme_and_resolution(
    wheel_names: frozenset[str], component: str
) -> None:
    """A missing theme folder is an IndexError that takes Builder's whole panel down."""
    folder = f"psychopy_neon/builder_components/{component}"
    icons = {f"{folder}/{theme}/{component}{at}.png" for theme in THEMES for at in ("", "@2x")}
    assert icons | {f"{folder}/{component}.svg"} <= wheel_names


def test_help_is_shipped_with_its_pictures(wheel_names: frozenset[str], repository: Path) -> None:
    files = (repository / "builder_components" / "help").iterdir()
    pages = {_installed_path(file, repository) for file in files}
    assert len(pages) >= 2 * len(COMPONENTS)
    assert pages - wheel_names == set()


@pytest.mark.parametrize("name", ["default_eyetracker.yaml", "supported_config_settings.yaml"])
def test_iohub_finds_its_settings_beside_the_device(wheel_names: frozenset[str], name: str) -> None:
    assert f"psychopy_neon/iohub/{name}" in wheel_names


def test_entry_points_are_in_groups_that_every_supported_psychopy_knows(
    wheel: Path, wheel_names: frozenset[str]
) -> None:
    """One unknown group disables the whole plugin, and one of the app's breaks every script."""
    (name,) = (name for name in wheel_names if name.endswith(".dist-info/entry_points.txt"))
    parser = configparser.ConfigParser()
    with zipfile.ZipFile(wheel) as archive:
        parser.read_string(archive.read(name).decode())
    assert {group for group in parser.sections() if group.startswith("psychopy")} == {
        "psychopy.experiment.components",
        "psychopy.experiment.routines",
        "psychopy.experiment.components.settings.eyetracking",
        "psychopy.iohub.devices.eyetracker",
    }


def test_types_are_announced(wheel_names: frozenset[str]) -> None:
    assert "psychopy_neon/py.typed" in wheel_names


def test_the_demonstrations_are_shipped(wheel_names: frozenset[str]) -> None:
    demos = [PurePosixPath(name) for name in wheel_names if "/demos/" in name]
    assert any(path.suffix == ".psyexp" and path.parts[2] == "builder" for path in demos)
    assert any(path.suffix == ".py" and path.parts[2] == "coder" for path in demos)


def test_every_file_of_the_demonstrations_is_shipped(
    wheel_names: frozenset[str], repository: Path
) -> None:
    """A demonstration without its conditions, or its participant, cannot run."""
    files = {
        _installed_path(file, repository)
        for folder in ("builder", "coder")
        for file in (repository / "demos" / folder).rglob("*")
        if file.suffix in (".psyexp", ".csv", ".json", ".py", ".md")
        and not {"data", "__pycache__"} & set(file.parts)
        and not file.stem.endswith("_lastrun")
    }
    assert len(files) > 30
    assert files - wheel_names == set()


def test_nothing_that_running_leaves_behind_is_shipped(wheel_names: frozenset[str]) -> None:
    leftovers = ("__pycache__", "_lastrun.py", ".pyc", "/data/", ".hdf5", ".log")
    assert [name for name in wheel_names if any(part in name for part in leftovers)] == []


def test_the_license_is_in_the_wheel(wheel_names: frozenset[str]) -> None:
    assert any(PurePosixPath(name).name == "LICENSE" for name in wheel_names)


def test_it_installs_on_the_pythons_that_psychopy_supports(metadata: Message) -> None:
    pythons = SpecifierSet(metadata["Requires-Python"])
    supported = [minor for minor in range(8, 15) if pythons.contains(f"3.{minor}.1")]
    assert supported == [10, 11, 12]


def test_opencv_is_left_to_psychopy(requirements: list[Requirement]) -> None:
    """Its four distributions overwrite each other's files."""
    assert [line.name for line in requirements if "opencv" in line.name.lower()] == []


def test_no_requirement_has_an_upper_bound(requirements: list[Requirement]) -> None:
    """A pin of ours would downgrade a package that PsychoPy brought."""
    bounds = {
        str(line) for line in requirements for part in line.specifier if part.operator != ">="
    }
    assert requirements
    assert bounds == set()
