"""Statements that are worked out once and handed to the driver as they are.

SQLAlchemy looks at a statement anew whenever it is executed: for its compiled form, for what each value
is to become, for what comes back. That takes ten times as long as the database needs for one row, and
every step of every case executes the same few statements (docs/adr/0025). What they say is still
written with SQLAlchemy; types are its types, and errors its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, Connection, Dialect, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

Convert = Callable[[Any], Any]
Given = Mapping[str, Any]

NOTHING: Final[Given] = {}


class Prepared:
    """One statement, with its form for each kind of database, which is worked out when it is first executed.

    Args:
        statement: with a ``bindparam`` for each value that is given when it is executed; constants stand
            in it as they are, but for lists of them (``in_``), which have another form for each length.
        columns: of an insert or an update, those that get a value.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._forms: dict[str, _Form] = {}

    def rows(self, connection: Connection, given: Given = NOTHING) -> list[list[Any]]:
        """Return what is found, each row with its values in the statement's order."""
        form = self._form(connection.dialect)
        found = [list(row) for row in _executed(connection, form, given).fetchall()]
        for place, convert in form.results:
            for row in found:
                if row[place] is not None:
                    row[place] = convert(row[place])
        return found

    def row(self, connection: Connection, given: Given = NOTHING) -> list[Any] | None:
        """Return the first row that is found, or None."""
        found = self.rows(connection, given)
        return found[0] if found else None

    def one(self, connection: Connection, given: Given = NOTHING) -> list[Any]:
        """Return the row that must be there.

        Raises:
            LookupError: nothing is found.
        """
        found = self.row(connection, given)
        if found is None:
            raise LookupError(f"nothing is found by: {self._statement}")
        return found

    def changed(self, connection: Connection, given: Given = NOTHING) -> int:
        """Execute an insert or an update; return how many rows it wrote."""
        return int(_executed(connection, self._form(connection.dialect), given).rowcount)

    def _form(self, dialect: Dialect) -> _Form:
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _formed(self._statement, dialect, self._columns)
        return form


class Listed:
    """A statement about some values, with its form for each number of them.

    Args:
        made: makes the statement, given the parameters that stand for the values.
    """

    def __init__(self, made: Callable[[Sequence[BindParameter[Any]]], Executable]) -> None:
        self._made = made
        self._prepared: dict[int, Prepared] = {}

    def rows(self, connection: Connection, values: Sequence[Any], given: Given = NOTHING) -> list[list[Any]]:
        """Return what is found about these values; nothing about none."""
        if not values:
            return []
        size = 1 << (len(values) - 1).bit_length()
        filled = [*values, *[values[-1]] * (size - len(values))]
        listed = {f"value_{place}": value for place, value in enumerate(filled)}
        return self._for(size).rows(connection, {**listed, **given})

    def _for(self, size: int) -> Prepared:
        """Return the statement for so many values, a power of two: few statements serve any number."""
        if size not in self._prepared:
            parameters: list[BindParameter[Any]] = [bindparam(f"value_{place}") for place in range(size)]
            self._prepared[size] = Prepared(self._made(parameters))
        return self._prepared[size]


class _Form(NamedTuple):
    """A statement as one driver takes it.

    Attributes:
        parameters: the name of each, what makes a value of it the driver's, and the constants' values.
        is_positional: whether the driver takes them in their order, not by name.
        results: the places of columns whose values are not yet what they mean, and what makes them so.
    """

    text: str
    parameters: Sequence[tuple[str, Convert | None]]
    constants: Given
    is_positional: bool
    results: Sequence[tuple[int, Convert]]

    def values(self, given: Given) -> Any:
        """Return the parameters of one execution."""
        known = {**self.constants, **given} if self.constants else given
        if self.is_positional:
            return tuple(
                known[name] if convert is None else convert(known[name]) for name, convert in self.parameters
            )
        return {
            name: known[name] if convert is None else convert(known[name])
            for name, convert in self.parameters
        }


def _formed(statement: Any, dialect: Dialect, columns: Sequence[str] | None) -> _Form:
    made = statement.compile(dialect=dialect, column_keys=columns)
    names = made.positiontup if made.positional else list(made.params)
    binds = [(name, made.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    constants = {name: made.binds[name].value for name in names if not made.binds[name].required}
    return _Form(str(made), binds, constants, made.positional, _results(statement, dialect))


def _results(statement: Any, dialect: Dialect) -> list[tuple[int, Convert]]:
    columns = statement.selected_columns if statement.is_select else ()
    converts = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
    return [(place, convert) for place, convert in enumerate(converts) if convert is not None]


def _executed(connection: Connection, form: _Form, given: Given) -> Any:
    """Execute past the library; its listeners hear what is asked, and itself what goes wrong.

    Raises:
        DBAPIError: as the library would raise it; a connection that broke is given up likewise.
    """
    cursor = connection.connection.cursor()
    values = form.values(given)
    for hears in connection.dispatch.before_cursor_execute:
        hears(connection, cursor, form.text, values, None, False)
    try:
        cursor.execute(form.text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, form, values, error) from error
    return cursor


def _told(connection: Connection, form: _Form, values: Any, error: Any) -> Exception:
    dialect, raw = connection.dialect, connection.connection.dbapi_connection
    is_gone = dialect.is_disconnect(error, raw, None)
    if is_gone:
        connection.invalidate(error)
    told = DBAPIError.instance(
        form.text,
        values,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    assert isinstance(told, DBAPIError)  # the driver's own error is turned into nothing else
    return told
