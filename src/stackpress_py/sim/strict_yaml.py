"""YAML files as plain data, without duplicate keys."""

from pathlib import Path

import yaml

from .config import ConfigError

Tree = dict[str, object]


class _StrictLoader(yaml.SafeLoader):
    """YAML's plain data, without duplicate keys."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> Tree:
    result: Tree = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in result:
            line = key_node.start_mark.line + 1
            raise yaml.constructor.ConstructorError(
                None, None, f"line {line}: '{key}' stands twice"
            )
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> object:
    """Return what stands in a file.

    Raises:
        ConfigError: it cannot be read, or is not such YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not a text file in UTF-8") from None
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a subclass of SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # such as the date 2026-13-41
        raise ConfigError(f"{path}: is not valid YAML: {' '.join(str(error).split())}") from None
