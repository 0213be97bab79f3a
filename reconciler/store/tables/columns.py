"""columns: how tables are made of columns, and the one register of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, MetaData, Table
from sqlalchemy.types import TypeEngine

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})


def key(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    """A column of the primary key."""
    return Column(name, kind, primary_key=True)


def has(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, nullable=False)


def may(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    """A column that may be null."""
    return Column(name, kind, nullable=True)


def partial(name: str, where: ColumnElement[bool], *of: Column[Any], unique: bool = False) -> Index:
    """An index of some rows only."""
    return Index(name, *of, unique=unique, sqlite_where=where, postgresql_where=where)


def columns(table: Table, noun: type[Any]) -> list[Column[Any]]:
    """The columns that are named like the noun's fields, in their order: `noun(*row)` makes the noun of a row."""
    return [table.c[field.name] for field in fields(noun)]


def row_of(one: object, columns: Iterable[Column[Any]]) -> dict[str, object]:
    """What a noun holds for these columns, by their names."""
    return {column.name: getattr(one, column.name) for column in columns}
