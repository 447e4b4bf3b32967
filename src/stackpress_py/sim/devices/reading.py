"""Reading a section of a file strictly: every error names file, key, what it must be and what was found."""

import math
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, TypeVar

from ..config import ConfigError
from ..fields import Bounds
from ..strict_yaml import Tree, read_yaml
from .settings import Settings

Kind = TypeVar("Kind", bound=Settings)


class Section:
    """A mapping in a file: each key is taken once, and :meth:`close` complains of those that nobody took."""

    def __init__(self, path: Path, name: str, tree: object) -> None:
        self.path = path
        self.name = name
        if not isinstance(tree, dict):
            raise ConfigError(f"{path}: {self._of(name)} must hold keys and values, found {tree!r}")
        self._tree: Tree = dict(tree)
        self._taken: list[str] = []

    @staticmethod
    def of_file(path: Path) -> "Section":
        """Read a file.

        Raises:
            ConfigError: it cannot be read, or is not YAML.
        """
        return Section(path, "", read_yaml(path))

    def __contains__(self, key: str) -> bool:
        return key in self._tree

    def refuse(self, key: str, what: str) -> ConfigError:
        """Return the error that a key is not what it must be."""
        found = f", found {self._tree[key]!r}" if key in self._tree else ", it is missing"
        return ConfigError(f"{self.path}: '{self._full(key)}' must be {what}{found}")

    def close(self) -> None:
        """Complain of a key that nobody has asked for."""
        for key in self._tree:
            if key not in self._taken:
                known = ", ".join(self._taken)
                raise ConfigError(
                    f"{self.path}: '{self._full(key)}' is unknown; allowed are {known}"
                )

    def section(self, key: str) -> "Section":
        """Return a mapping under a key; an empty one if it is missing."""
        return Section(self.path, self._full(key), self._take(key, {}))

    def names(self) -> list[str]:
        """Return the keys, all of them taken."""
        self._taken = list(self._tree)
        return list(self._tree)

    def word(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return one of several words."""
        value = self._take(key, default)
        if not isinstance(value, str) or value not in allowed:
            raise self.refuse(key, f"one of {', '.join(allowed)}")
        return value

    def text(self, key: str, default: str) -> str:
        """Return a text."""
        value = self._take(key, default)
        if not isinstance(value, str) or not value:
            raise self.refuse(key, "a text")
        return value

    def switch(self, key: str, default: bool) -> bool:
        """Return a yes or no."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.refuse(key, "true or false")
        return value

    def whole(self, key: str, bounds: Bounds, default: int) -> int:
        """Return a whole number."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not bounds.admits(value):
            raise self.refuse(key, f"a whole number {bounds}")
        return value

    def real(self, key: str, bounds: Bounds, default: float) -> float:
        """Return a number."""
        value = self._take(key, default)
        number = math.nan
        # YAML 1.1 takes 1e-5, without a dot, for a text.
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                number = math.nan
        if not math.isfinite(number) or not bounds.admits(number):
            raise self.refuse(key, f"a number {bounds}")
        return number

    def settings(self, kind: type[Kind]) -> Kind:
        """Return a device's settings, each with its default where it is missing."""
        values: dict[str, Any] = {each.name: self._setting(each) for each in fields(kind)}
        return kind(**values)

    def _setting(self, known: "Field[Any]") -> object:
        key, meta = known.name, known.metadata
        default: Any = known.default
        if "words" in meta:
            return self.word(key, meta["words"], default)
        if "switch" in meta:
            return self.switch(key, default)
        if known.type is int:
            return self.whole(key, meta["bounds"], default)
        return self.real(key, meta["bounds"], default)

    def _take(self, key: str, default: object) -> object:
        self._taken.append(key)
        return self._tree.get(key, default)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    @staticmethod
    def _of(name: str) -> str:
        return f"'{name}'" if name else "the file"
