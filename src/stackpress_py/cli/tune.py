"""``stackpress tune``: measure a press within limits, and write the constants of its control loops."""

import datetime
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.tune_input import TuneWords, allowed, blank, ratings
from stackpress_py.cli.tune_view import print_lines, watch
from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.cyclic import CyclicThread
from stackpress_py.devices.guard.station import Station
from stackpress_py.devices.press.connection import connect
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.ports import given_ports
from stackpress_py.documents import DocumentError, read_text
from stackpress_py.tune.document import assemble, write
from stackpress_py.tune.figure import write_figure
from stackpress_py.tune.findings import Findings, Wanted, measure
from stackpress_py.tune.guard import LimitGuard
from stackpress_py.tune.noise import sensor_noise
from stackpress_py.tune.plan import longest, sentences
from stackpress_py.tune.press import LimitError, heat_facts, limits, oil_facts, ram_facts
from stackpress_py.tune.retreat import retreat_of
from stackpress_py.tune.sections import Circumstances, heading, sections
from stackpress_py.tune.session import ENDED_BY_USER, Session
from stackpress_py.tune.table import write_table
from stackpress_py.tune.trial import Trial
from stackpress_py.tune.warming import SetpointFacts

#: What can be measured.
PARTS = ("force", "hydraulic", "heat")
#: s that the bus may take to end.
END_TIMEOUT = 4.0


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """What the user has asked for.

    Attributes:
        profile, port: of the press, as written.
        words: limits and more.
        output: file to write; None: named after the profile, in the present folder.
        replace: it may be there already.
        yes: do not ask.
    """

    profile: str
    port: str
    words: TuneWords
    output: Path | None
    replace: bool
    yes: bool


@dataclass(frozen=True, slots=True)
class _Job:
    """A measurement that makes sense."""

    made: Circumstances
    wanted: Wanted
    output: Path
    before: str


def tune(options: TuneOptions, console: Console) -> ExitCode:
    """Measure, and write what was found.

    Raises:
        CliError: wrong usage, the press is not ready, or the measurement has not ended well.
    """
    job = _job(options)
    profile = job.made.profile
    print_lines([f"{profile.press}: {profile.description}"], console)
    print_lines([f"- {sentence}" for sentence in sentences(job.wanted)], console)
    if not options.yes:
        question = "Is nothing in the press but what was said, is nobody at it, and may it begin?"
        typer.confirm(question, abort=True)
    session = _run(job, options.port, console)
    if session.rows:
        names = [sensor.name for sensor in profile.force_sensors]
        with _writing():
            write_table(job.output.with_suffix(".csv"), session.rows, names)
    if session.result is None:
        raise CliError(_code(session), f"no constants are written: {session.problem}")
    _write(job, session.result, options.replace, console)
    if session.problem:
        raise CliError(ExitCode.FAILED, session.problem)
    return ExitCode.OK


def _code(session: Session[Findings]) -> ExitCode:
    if not session.rows:
        return ExitCode.REJECTED
    return ExitCode.STOPPED if session.problem == ENDED_BY_USER else ExitCode.FAILED


# ---- before ----------------------------------------------------------------------------------------


def _job(options: TuneOptions) -> _Job:
    try:
        profile = load_profile(options.profile)
        found = limits(profile, allowed(options.words))
    except (DocumentError, LimitError) as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None
    unknown = [part for part in options.words.only if part not in PARTS]
    if unknown:
        raise CliError(ExitCode.BAD_INPUT, f"--only {unknown[0]} is not one of {', '.join(PARTS)}")
    parts = options.words.only or PARTS
    powers = ratings(options.words)
    ram = ram_facts(profile, found) if "force" in parts else None
    heat = heat_facts(profile, found) if "heat" in parts else None
    if ram is None and isinstance(heat, SetpointFacts):
        heat = None  # nothing of it would be measured
    wanted = Wanted(
        ram=ram,
        oil=oil_facts(profile, found) if "hydraulic" in parts else None,
        heat=heat,
        ratings=powers,
    )
    if wanted.ram is None and wanted.oil is None and wanted.heat is None:
        raise CliError(
            ExitCode.BAD_INPUT,
            f"there is nothing to measure: {profile.press} is moved by {profile.actuation.by} and heated by"
            f" {profile.heating.by}, for which the program needs no constants, or --only leaves them out",
        )
    moved = wanted.ram is not None or wanted.oil is not None
    lies = blank(options.words) if moved else None
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    output = options.output or Path(f"{profile.press}.yaml")
    made = Circumstances(profile, found, lies, powers, today)
    return _Job(made, wanted, output, _before(output, options.replace))


def _before(output: Path, replace: bool) -> str:
    """Return what stands in the file that is to be replaced; nothing is begun that could not be written."""
    if not output.parent.is_dir():
        raise CliError(ExitCode.BAD_INPUT, f"there is no folder {output.parent}")
    if not output.exists():
        return ""
    if not replace:
        raise CliError(
            ExitCode.BAD_INPUT,
            f"{output} is there already: choose another --output, or add --replace",
        )
    try:
        return read_text(output)
    except DocumentError as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None


# ---- meanwhile -------------------------------------------------------------------------------------


def _run(job: _Job, port: str, console: Console) -> Session[Findings]:
    """Measure; the bus has a thread of its own, which makes the press safe on the wire however it ends."""
    profile, told = job.made.profile, deque[str]()
    try:
        press = connect(profile, given_ports(profile, port))
        press.open(time.monotonic())
    except ValueError as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None
    except DeviceError as error:
        raise CliError(ExitCode.NOT_READY, str(error)) from None
    station = Station(profile, press)
    wanted = job.wanted
    guard = LimitGuard(
        job.made.limits,
        longest(wanted),
        heated=wanted.heat is not None,
        ram=wanted.ram is not None,
    )
    trial = Trial(measure(wanted, told.append), retreat_of(wanted.ram, wanted.oil), guard)
    session = Session(profile, station, trial, time.monotonic, time.time)
    left: list[str] = []
    bus = CyclicThread(
        "bus", 1.0 / profile.cycle.rate, session.step, lambda: left.append(station.finish())
    )
    bus.start()
    try:
        watch(session, bus, told, console)
    finally:
        ended = bus.stop(END_TIMEOUT)
    if not ended or any(left):
        what = "; ".join(text for text in left if text) or "the bus hangs"
        print_lines([f"not confirmed to be off: {what}; look at the press"], console)
    if bus.error is not None:
        raise bus.error
    return session


# ---- afterwards ------------------------------------------------------------------------------------


def _write(job: _Job, found: Findings, replace: bool, console: Console) -> None:
    made = job.made
    with _writing():
        try:
            name = job.output.stem
            text = assemble(name, heading(made), sections(found, made), job.before)
        except DocumentError as error:
            raise CliError(ExitCode.FAILED, f"what was found makes no sense: {error}") from None
        write(job.output, text, replace)
        title = f"{made.profile.press}, measured by stackpress tune on {made.date}"
        write_figure(job.output.with_suffix(".png"), found, title)
    if found.ram is not None:
        noises = sensor_noise(made.profile, found.ram)
        print_lines([noise.sentence for noise in noises], console)
    print_lines([f"written: {job.output}, with the evidence in .png and .csv beside it"], console)
    if made.profile.tuning is not None and Path(made.profile.tuning) != job.output.resolve():
        print_lines(
            [f"to use it, let `tuning` of the profile name it: now it names {made.profile.tuning}"],
            console,
        )


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        text = f"{error.filename or 'a file'} cannot be written: {error.strerror or error}"
        raise CliError(ExitCode.BROKEN, text) from None
