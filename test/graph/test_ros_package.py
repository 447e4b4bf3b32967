"""Stackpress as ROS sees it: the ament index, the executables, the shared files, the interfaces."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ament_index_python.packages import get_package_prefix, get_package_share_directory
from ament_index_python.resources import get_resource

from stackpress_py import __version__, graph

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLES = [
    *(entry.name for entry in graph.NODES),
    "glovebox_robot",
    "sim_devices",
    "sim_press",
    "stackpress",
]
CONTRACT = [file for kind in ("msg", "srv", "action") for file in ROOT.glob(f"{kind}/*.{kind}")]


@pytest.fixture(autouse=True)
def ament_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look into this environment where no setup file of ROS has been sourced."""
    if not os.environ.get("AMENT_PREFIX_PATH"):
        monkeypatch.setenv("AMENT_PREFIX_PATH", sys.prefix)


def executables() -> Path:
    return Path(get_package_prefix("stackpress"), "lib", "stackpress")


def test_the_index_lists_every_interface() -> None:
    listed, _ = get_resource("rosidl_interfaces", "stackpress")
    assert {file.relative_to(ROOT).as_posix() for file in CONTRACT} <= set(listed.splitlines())


def test_every_interface_has_a_python_type() -> None:
    for file in CONTRACT:
        module = __import__(f"stackpress.{file.parent.name}", fromlist=[file.stem])
        assert hasattr(module, file.stem), file


def test_share_holds_what_the_nodes_and_launch_read() -> None:
    share = Path(get_package_share_directory("stackpress"))
    for directory in ("config", "launch", "urdf"):
        expected = {file.name for file in (ROOT / directory).iterdir()} - {"__pycache__"}
        assert {file.name for file in (share / directory).iterdir()} >= expected


def test_the_node_table_and_the_executables_agree() -> None:
    assert {file.name for file in executables().iterdir()} == set(EXECUTABLES)


@pytest.mark.parametrize("name", EXECUTABLES)
def test_an_executable_finds_its_main(name: str) -> None:
    """Run all of it but the call of main."""
    *head, last = (executables() / name).read_text().strip().splitlines()
    assert os.access(executables() / name, os.X_OK)
    assert last == "sys.exit(main())"
    interpreter = head[0].removeprefix("#!")
    code = "\n".join([*head, "sys.exit(not callable(main))"])
    subprocess.run([interpreter, "-c", code], check=True)


def test_the_version_is_the_same_everywhere() -> None:
    manifest = ElementTree.parse(ROOT / "package.xml")
    assert manifest.findtext("version") == __version__
    assert f'\nversion = "{__version__}"\n' in (ROOT / "pyproject.toml").read_text()


def test_colcon_takes_it_for_an_ament_package() -> None:
    manifest = ElementTree.parse(ROOT / "package.xml")
    assert manifest.findtext("export/build_type") == "ament_cmake"
    assert manifest.findtext("member_of_group") == "rosidl_interface_packages"
