"""From a recipe's file to the control recipe of one run."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, Field

from stackpress_py import documents
from stackpress_py.documents import DocumentError, Source
from stackpress_py.quantities import KINDS, Kind, QuantityError, format_pressure, parse
from stackpress_py.recipes.model import Parameter, Recipe
from stackpress_py.yaml_reader import Path as Place
from stackpress_py.yaml_reader import Value

SUFFIX = ".yaml"
_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
#: Parts of a recipe in which `$name` stands for a parameter.
_PARTS = ("cell", "procedure")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a recipe.

    Attributes:
        place: path of the value in the document, e.g. ``("procedure", 1, "hold")``.
        text: what is wrong, and what is allowed.
    """

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class ControlRecipe:
    """The frozen copy of a master recipe for one run, all parameters put in.

    Attributes:
        recipe: the model, without references.
        parameters: value of each formula parameter, as text.
        source: where every value stands, for messages.
    """

    recipe: Recipe
    parameters: Mapping[str, str]
    source: Source

    def text(self) -> str:
        """Return the YAML text, a recipe whose defaults are the values used."""
        return documents.dumps(self.recipe)

    def sentence(self, problem: Problem) -> str:
        """Return the problem with file, line and field."""
        return self.source.sentence(problem.place, problem.text)


def load_recipe(path: str | Path, parameters: Mapping[str, str] | None = None) -> ControlRecipe:
    """Return the control recipe of a file, with some parameters set.

    Raises:
        DocumentError: the file cannot be read, or is no recipe, or a parameter does not fit.
    """
    return loads_recipe(documents.read_text(path), parameters, name=str(path))


def loads_recipe(
    text: str, parameters: Mapping[str, str] | None = None, name: str = "<text>"
) -> ControlRecipe:
    """Return the control recipe of a YAML text; ``name`` stands for the file in messages.

    Raises:
        DocumentError: the text is no recipe, or a parameter does not fit.
    """
    source = documents.parse(text, name)
    declared = _declared(source)
    values = _values(source, declared, parameters or {})
    resolved = _put_in(source, values)
    recipe = resolved.build(Recipe)
    used = {
        key: parameter.model_copy(update={"default": values[key]})
        for key, parameter in recipe.parameters.items()
    }
    control = ControlRecipe(
        recipe.model_copy(update={"parameters": used}),
        {key: str(value) for key, value in values.items()},
        resolved,
    )
    problems = [control.sentence(problem) for problem in _loose_ends(recipe)]
    if problems:
        raise DocumentError(problems)
    return control


def find_recipe(recipe: str, directories: Sequence[Path]) -> Path:
    """Return the file of a recipe: an absolute path of a YAML file, or a name known in a folder.

    Raises:
        DocumentError: there is no such recipe.
    """
    path = Path(recipe)
    if path.is_absolute():
        if path.suffix not in (SUFFIX, ".yml"):
            raise DocumentError([f"{recipe} is not a recipe: its name must end in {SUFFIX}"])
        return path
    known = {file.stem: file for folder in directories for file in _files(folder)}
    if _NAME.fullmatch(recipe) and recipe in known:
        return known[recipe]
    close = difflib.get_close_matches(recipe, known, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(sorted(known))}"
    raise DocumentError([f"there is no recipe '{recipe[:80]}'; {hint}"])


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True) if folder.is_dir() else []


class _Header(BaseModel):
    """The part of a recipe that must be known before the rest can be read."""

    parameters: dict[str, Parameter] = Field(default_factory=dict)


def _declared(source: Source) -> dict[str, Parameter]:
    data = source.data
    part = (
        {"parameters": data["parameters"]}
        if isinstance(data, dict) and "parameters" in data
        else {}
    )
    return replace(source, data=part).build(_Header).parameters


def _values(
    source: Source, declared: Mapping[str, Parameter], given: Mapping[str, str]
) -> dict[str, str | float]:
    problems = [_unknown(name, declared) for name in given if name not in declared]
    values: dict[str, str | float] = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.default)
        values[name] = value
        problem = _misfit(parameter, value)
        if problem and name in given:
            problems.append(f"parameter {name}: {problem}")
        elif problem:
            problems.append(source.sentence(("parameters", name), problem))
    if problems:
        raise DocumentError(problems)
    return values


def _unknown(name: str, declared: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(declared), n=1)
    allowed = ", ".join(sorted(declared)) or "none"
    hint = f"did you mean '{close[0]}'?" if close else f"allowed are: {allowed}"
    return f"parameter '{name[:80]}' is not known to this recipe; {hint}"


def _misfit(parameter: Parameter, value: str | float) -> str:
    """Return why a value does not fit a parameter, empty if it does."""
    kind = _kind(parameter.default)
    if kind is None:
        return f"default '{parameter.default}' is neither a number nor a quantity such as '74 MPa'"
    try:
        low, high = (
            None if limit is None else parse(limit, kind)
            for limit in (parameter.minimum, parameter.maximum)
        )
        number = parse(value, kind)
    except QuantityError as error:
        return str(error)
    too_low = low is not None and number < low
    if too_low or (high is not None and number > high):
        allowed = (
            f"at least {parameter.minimum}" if high is None else f"at most {parameter.maximum}"
        )
        if low is not None and high is not None:
            allowed = f"{parameter.minimum} to {parameter.maximum}"
        return f"found '{value}', allowed is {allowed}"
    return ""


def _kind(value: str | float) -> Kind | None:
    """Return what a value is a quantity of."""
    for kind in KINDS:
        try:
            parse(value, kind)
        except QuantityError:
            continue
        return kind
    return None


def _put_in(source: Source, values: Mapping[str, str | float]) -> Source:
    """Return the source with every ``$name`` replaced by its value."""
    if not isinstance(source.data, dict):
        return source
    problems: list[str] = []
    remarks: dict[Place, str] = {}

    def resolved(data: Value, place: Place) -> Value:
        if isinstance(data, dict):
            return {key: resolved(value, (*place, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [resolved(value, (*place, index)) for index, value in enumerate(data)]
        match = _REFERENCE.fullmatch(data) if isinstance(data, str) else None
        if match is None:
            return data
        if match[1] not in values:
            problems.append(source.sentence(place, _unknown(match[1], values)))
            return data
        remarks[place] = f"the parameter {match[1]}"
        return values[match[1]]

    parts: dict[str, Value] = {
        key: resolved(value, (key,)) if key in _PARTS else value
        for key, value in source.data.items()
    }
    if problems:
        raise DocumentError(problems)
    return replace(source, data=parts, remarks=remarks)


def _loose_ends(recipe: Recipe) -> Iterable[Problem]:
    """Yield what only shows when the phases are seen in their order."""
    for index, phase in enumerate(recipe.procedure):
        for key, demand, target in (
            ("pressure", phase.pressure, recipe.pressure_target(index)),
            ("temperature", phase.temperature, recipe.temperature_target(index)),
        ):
            if demand == "keep" and target is None:
                yield Problem(
                    ("procedure", index, key), f"'keep' needs an earlier phase with a {key} target"
                )
        held = recipe.pressure_target(index)
        if phase.alarm is not None and held is not None and phase.alarm.below >= held.target:
            yield Problem(
                ("procedure", index, "alarm", "below"),
                f"found '{format_pressure(phase.alarm.below)}', needs less than the phase's"
                f" pressure, {format_pressure(held.target)}",
            )
