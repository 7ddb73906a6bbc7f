"""Starts `bqemulator` on free ports, with its data in a directory, and says where it listens.

    python bigquery_emulator.py DIRECTORY REST_PORT GRPC_PORT

What it has of BigQuery is left as it is: offsets, finalizing, partitions, SQL. What is changed here keeps it from standing in the way:

* It wants to download two DuckDB extensions (geography, Avro) at start. Nothing here uses them.
* `AppendRows` wants the stream's name in every message; BigQuery, and so the official client, only in the first.
* Every open `AppendRows` call holds a thread of a pool that has six of them on two processors.
* One DuckDB connection is used by all threads at once: an answer can be another statement's, and rows of a
  write that fails so are lost although the stream's offset moves on. Statements take turns instead.
* A `PATCH` that adds a column to a table tells its catalog alone.
* A full copy of the table is kept for time travel after each append.
"""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bqemulator.catalog.duckdb_repository import DuckDBCatalogRepository
from bqemulator.config import PersistenceMode, Settings
from bqemulator.domain.events import TableDataChanged
from bqemulator.grpc_api.write_servicer import BigQueryWriteHandler
from bqemulator.server import EmulatorServer
from bqemulator.storage import arrow_bridge
from bqemulator.storage.engine import DuckDBEngine
from bqemulator.storage.sql_identifiers import quoted_table_ref
from bqemulator.storage.type_map import bq_to_duckdb
from bqemulator.versioning.snapshots import SnapshotManager

THREADS = 256


def without_extensions():
    DuckDBEngine._load_spatial = lambda self: None
    DuckDBEngine._load_format_extensions = lambda self: None


def with_the_stream_of_the_first_message():
    bind = BigQueryWriteHandler._ensure_stream_bound

    def ensure(self, stream_name, bound_ctx, context):
        if not stream_name and bound_ctx is not None:
            return bound_ctx
        return bind(self, stream_name, bound_ctx, context)

    BigQueryWriteHandler._ensure_stream_bound = ensure


class Answer:
    """What a statement answered, taken out of the connection before the next one runs on it."""

    def __init__(self, connection):
        self.description = connection.description
        self._rows = iter(connection.fetchall() if self.description else [])

    def fetchall(self):
        return list(self._rows)

    def fetchone(self):
        return next(self._rows, None)


def one_statement_at_a_time():
    lock = threading.RLock()
    execute, fetch_arrow = DuckDBEngine.execute, DuckDBEngine.fetch_arrow
    introspect = arrow_bridge.introspect_arrow_schema

    def locked(function):
        def call(*args, **kwargs):
            with lock:
                return function(*args, **kwargs)

        return call

    class Direct:
        """The engine for those who read the connection's own answer, as Arrow, before their turn ends."""

        def __init__(self, engine):
            self.execute = partial(execute, engine)

    DuckDBEngine.execute = locked(lambda engine, *args: Answer(execute(engine, *args)))
    DuckDBEngine.fetch_arrow = locked(lambda engine, *args: fetch_arrow(Direct(engine), *args))
    arrow_bridge.introspect_arrow_schema = locked(lambda engine, table: introspect(Direct(engine), table))
    BigQueryWriteHandler._flush_to_target = locked(BigQueryWriteHandler._flush_to_target)


def with_added_columns_in_the_table():
    update = DuckDBCatalogRepository.update_table

    def update_table(self, table):
        before = self.get_table(table.project_id, table.dataset_id, table.table_id)
        known = {field.name for field in before.schema_.fields} if before else set()
        for field in table.schema_.fields:
            if before and field.name not in known:
                of = quoted_table_ref(table.project_id, table.dataset_id, table.table_id)
                self._engine.execute(f'ALTER TABLE {of} ADD COLUMN "{field.name}" {bq_to_duckdb(field.type)}')
        return update(self, table)

    DuckDBCatalogRepository.update_table = update_table


def without_time_travel():
    def record_change(self, project_id, dataset_id, table_id):
        self._events.publish(TableDataChanged(project_id, dataset_id, table_id))

    SnapshotManager.record_change = record_change


async def main(directory, rest_port, grpc_port):
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    settings = Settings(
        rest_port=rest_port,
        grpc_port=grpc_port,
        persistence_mode=PersistenceMode.PERSISTENT,
        data_dir=Path(directory),
        log_level="warning",
    )
    server = EmulatorServer(settings)
    await server.start()
    print(f"listening {server.rest_port} {server.grpc_port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    without_extensions()
    with_the_stream_of_the_first_message()
    one_statement_at_a_time()
    with_added_columns_in_the_table()
    without_time_travel()
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
