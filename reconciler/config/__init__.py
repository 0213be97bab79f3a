"""The config file: from its bytes to settings, pools and every problem, each with its line and column."""

from reconciler.config.file import ConfigFile
from reconciler.config.find import find_config
from reconciler.config.jsonschema import config_schema

__all__ = ["ConfigFile", "config_schema", "find_config"]
