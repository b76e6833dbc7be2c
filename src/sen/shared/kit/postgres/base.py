"""Connection layer: hands the scope (`kit.scope`) to PostgreSQL once per transaction.

The values are transaction-local (`set_config(..., true)`), so they cannot leak to the next client of a pooled
connection. A statement outside a transaction is given one of its own: without it there is no scope, and row-level
security would show nothing.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.transaction import Atomic

from sen.shared.kit import scope

_SET = "SELECT " + ", ".join(
    f"set_config('sen.{name}', %s, true)" for name in ("schools", "members", "persons", "actor", "reason", "request")
)


class DatabaseWrapper(PostgresWrapper):
    applied: scope.Scope | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._within_scope)

    def _within_scope(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not self.in_atomic_block:
            if not self.get_autocommit():
                return self._apply_then(execute, sql, params, many, context)
            with Atomic(self.alias, savepoint=False, durable=False):
                return self._apply_then(execute, sql, params, many, context)
        return self._apply_then(execute, sql, params, many, context)

    def _apply_then(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        wanted = scope.current()
        if self.applied != wanted and not self.needs_rollback:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    _SET,
                    [wanted.schools, wanted.members, wanted.persons, wanted.actor, wanted.reason, wanted.request],
                )
            self.applied = wanted
        return execute(sql, params, many, context)

    # A transaction's end, and a rollback to a savepoint, undo transaction-local settings.

    def _commit(self) -> Any:
        self.applied = None
        return super()._commit()  # type: ignore[misc]  # not in the stubs

    def _rollback(self) -> Any:
        self.applied = None
        return super()._rollback()  # type: ignore[misc]  # not in the stubs

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # not in the stubs
        self.applied = None

    def _close(self) -> Any:
        self.applied = None
        return super()._close()  # type: ignore[misc]  # not in the stubs
