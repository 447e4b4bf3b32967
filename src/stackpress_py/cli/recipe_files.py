"""What the user means by RECIPE and by ``--set name=value``."""

from dataclasses import dataclass
from pathlib import Path

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.paths import config

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class RecipeChoice:
    """A recipe as the user named it.

    Attributes:
        name: known to the sequencer; or absolute path of a file on this computer.
        file: that file; None for a name.
    """

    name: str
    file: Path | None


def choose_recipe(word: str) -> RecipeChoice:
    """Take a word with a slash or a YAML suffix for a file, anything else for a name.

    Raises:
        CliError: the file does not exist.
    """
    if "/" not in word and not word.endswith(SUFFIXES):
        return RecipeChoice(word, None)
    file = Path(word).expanduser().resolve()
    if not file.is_file():
        raise CliError(ExitCode.BAD_INPUT, f"the recipe {file} does not exist")
    return RecipeChoice(str(file), file)


def recipe_file(word: str) -> Path:
    """Return the file of a recipe: one that the user names, or one that comes with Stackpress.

    Raises:
        CliError: there is none.
    """
    choice = choose_recipe(word)
    if choice.file is not None:
        return choice.file
    file = config("recipes", f"{choice.name}.yaml")
    if not file.is_file():
        known = ", ".join(known_recipes())
        raise CliError(
            ExitCode.BAD_INPUT, f"there is no recipe {word!r}; there are: {known}; or give a file"
        )
    return file


def known_recipes() -> list[str]:
    """Return the names of the recipes that come with Stackpress."""
    return sorted(path.stem for path in config("recipes").glob("*.yaml"))


def parse_settings(words: list[str]) -> dict[str, str]:
    """Return the parameters of a list of ``name=value``.

    Raises:
        CliError: one has another form, or a name comes twice.
    """
    settings: dict[str, str] = {}
    for word in words:
        name, separator, value = (part.strip() for part in word.partition("="))
        if not (separator and name and value):
            raise CliError(
                ExitCode.BAD_INPUT,
                f"--set {word!r} is not of the form name=value, e.g. --set 'pressure=74 MPa'",
            )
        if name in settings:
            raise CliError(ExitCode.BAD_INPUT, f"--set {name} is given twice")
        settings[name] = value
    return settings
