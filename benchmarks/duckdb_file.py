"""What does one write who has DuckDB read PostgreSQL? Needs the packages of benchmarks/requirements-duckdb.txt."""

from pathlib import Path

_INSTANT = """strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%gZ') as "timestamp\""""
_DETAILS = [
    "id",
    "firstName",
    "lastName",
    "externalCustomerId",
    "sfContactId",
    "sfAccountId",
    "client",
    "ref1",
    "ref2",
    "ref3",
]
_OPTIONS = {"csv": "format csv, header", "json": "format json, array true"}


def write_file(uri: str, format: str, path: Path, statement: str) -> dict[str, float]:
    """Write the events of a statement, in its order, to a file."""
    import duckdb
    import duckdb_ext

    connection = duckdb_ext.init(duckdb.connect())
    connection.execute("load postgres")
    connection.execute(f"attach '{uri}' as source (type postgres, read_only)")
    columns = f"* replace ({_INSTANT})" if format == "csv" else _nest()
    inner = statement.replace("'", "''")
    read = f"select {columns} from postgres_query('source', '{inner}')"
    connection.execute(f"copy ({read}) to '{path}' ({_OPTIONS[format]})")
    return {}


def _nest() -> str:
    pairs = ", ".join(f"'{name}': \"userDetail.{name}\"" for name in _DETAILS)
    flat = ", ".join(f'"userDetail.{name}"' for name in _DETAILS)
    return f'* exclude ({flat}) replace ({_INSTANT}), {{{pairs}}} as "userDetail"'
