"""What the user writes after ``stackpress tune``: limits, the blank, the heaters' ratings."""

from dataclasses import dataclass

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.quantities import (
    FORCE,
    FORCE_RATE,
    LENGTH,
    POWER,
    PRESSURE,
    TEMPERATURE,
    TEMPERATURE_RATE,
    Kind,
    QuantityError,
    parse,
)
from stackpress_py.tune.constants import Blank
from stackpress_py.tune.press import Allowed

#: W, of heaters whose rating is not given: only ratios are measured then.
NOMINAL = 1000.0


@dataclass(frozen=True, slots=True)
class TuneWords:
    """What the user has asked for, as written; empty: what is usual.

    Attributes:
        force, force_rate, clear_to, deepest, temperature, heating_rate: limits.
        blank: its height, or ``none``.
        blank_uncertainty, blank_modulus, position_uncertainty, tallest_sample: of the blank, the ram, the samples.
        heater_power: rating of one or, with a comma, of the upper and the lower heater.
        only: parts that are measured; empty: all that there are.
    """

    force: str = ""
    force_rate: str = ""
    clear_to: str = ""
    deepest: str = ""
    temperature: str = ""
    heating_rate: str = ""
    blank: str = ""
    blank_uncertainty: str = "2 um"
    blank_modulus: str = "200 GPa"
    position_uncertainty: str = "10 um"
    tallest_sample: str = "4 mm"
    heater_power: str = ""
    only: tuple[str, ...] = ()


def allowed(words: TuneWords) -> Allowed:
    """Return what the user allows.

    Raises:
        CliError: a text is no such quantity.
    """
    return Allowed(
        force=_above_zero("--force", words.force, FORCE),
        force_rate=_above_zero("--force-rate", words.force_rate, FORCE_RATE),
        clear_to=_above_zero("--clear-to", words.clear_to, LENGTH),
        deepest=_above_zero("--deepest", words.deepest, LENGTH),
        temperature=_above_zero("--temperature", words.temperature, TEMPERATURE),
        heating_rate=_above_zero("--heating-rate", words.heating_rate, TEMPERATURE_RATE),
    )


def blank(words: TuneWords) -> Blank:
    """Return what lies in the die.

    Raises:
        CliError: that was not said, or a text is no such quantity.
    """
    if not words.blank:
        raise CliError(
            ExitCode.BAD_INPUT,
            "say what lies in the die: --blank '2 mm', the height of a hard blank as wide as the die, or --blank"
            " none if the punch meets its bottom",
        )
    height = 0.0 if words.blank == "none" else _given("--blank", words.blank, LENGTH)
    return Blank(
        height=height,
        height_uncertainty=_given("--blank-uncertainty", words.blank_uncertainty, LENGTH),
        modulus=_given("--blank-modulus", words.blank_modulus, PRESSURE),
        tallest=_given("--tallest-sample", words.tallest_sample, LENGTH),
        position_uncertainty=_given("--position-uncertainty", words.position_uncertainty, LENGTH),
    )


def ratings(words: TuneWords) -> tuple[float, float]:
    """Return the ratings of the upper and the lower heater, W.

    Raises:
        CliError: a text is no power.
    """
    if not words.heater_power:
        return NOMINAL, NOMINAL
    found = [_given("--heater-power", text, POWER) for text in words.heater_power.split(",")]
    if len(found) > 2:
        raise CliError(ExitCode.BAD_INPUT, "--heater-power takes one power, or two: '800 W,900 W'")
    return found[0], found[-1]


def _above_zero(option: str, text: str, kind: Kind) -> float | None:
    return _given(option, text, kind) if text else None


def _given(option: str, text: str, kind: Kind) -> float:
    try:
        found = parse(text, kind)
    except QuantityError as error:
        raise CliError(ExitCode.BAD_INPUT, f"{option}: {error}") from None
    if not found > 0.0:
        raise CliError(ExitCode.BAD_INPUT, f"{option} {text} must be above 0")
    return found
