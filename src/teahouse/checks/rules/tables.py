"""Teahouse's tables: whether they are there as the models have them."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check


@check("E030", looks=Looks.AT_DATABASE)
def tables_are_there(project: Project) -> Iterator[Finding]:
    """Every migration of Teahouse was run on the database."""
    if not apps.is_installed("teahouse"):
        return
    connection = connections["default"]
    try:
        executor = MigrationExecutor(connection)
        targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "teahouse"]
        waiting = executor.migration_plan(targets)
    except DatabaseError:
        return  # no database to ask
    finally:
        connection.close()
    if waiting:
        names = ", ".join(migration.name for migration, _ in waiting if migration.app_label == "teahouse")
        yield Finding(
            "E030",
            f"Teahouse's tables are not as this version needs them; missing: {names or 'tables that they build on'}.",
            'Every page and every socket fails, with "no such table: teahouse_room" or the like.',
            "teahouse serve" if project.settings_module == "teahouse_site.settings" else "python manage.py migrate",
        )
