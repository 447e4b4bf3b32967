"""The recipes that the sequencer knows, and the checks of one that a client asks for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from stackpress_py.documents import DocumentError
from stackpress_py.paths import config
from stackpress_py.recipes.check import MachineLimits, expected_durations, problems
from stackpress_py.recipes.loading import (
    ControlRecipe,
    find_recipe,
    load_recipe,
    loads_recipe,
)


class RecipeDemand(Protocol):
    """What a goal of RunRecipe and a request of ValidateRecipe have in common."""

    recipe: str
    recipe_text: str
    parameter_names: Sequence[str]
    parameter_values: Sequence[str]


class RecipeShelf:
    """Recipes by name, checked against one press.

    Args:
        folders: where recipes lie; empty paths mean the folder that comes with Stackpress.
        limits: what the press can do.
    """

    def __init__(self, folders: Sequence[Path], limits: MachineLimits) -> None:
        own = [folder for folder in folders if folder != Path()]
        self._folders = own or [config("recipes")]
        self._limits = limits

    def checked(self, demand: RecipeDemand) -> tuple[ControlRecipe, tuple[float, ...]]:
        """Return the recipe with its parameters, and the s that each phase should take.

        Raises:
            DocumentError: the recipe is not known, not valid, or not possible on this press.
        """
        names, values = list(demand.parameter_names), list(demand.parameter_values)
        if len(names) != len(values) or len(set(names)) != len(names):
            found = f"found {len(names)} parameter names and {len(values)} values"
            raise DocumentError([f"{found}: each name needs one value, and comes once"])
        parameters = dict(zip(names, values, strict=True))
        if demand.recipe_text:
            name = demand.recipe or "<text>"
            control = loads_recipe(demand.recipe_text, parameters, name)
        else:
            control = load_recipe(find_recipe(demand.recipe, self._folders), parameters)
        found_problems = problems(control, self._limits)
        if found_problems:
            raise DocumentError(found_problems)
        return control, expected_durations(control.recipe, self._limits)
