"""Makes the Parquet files of this folder, and beside each what its rows are as JSON Lines.

`pip install pyarrow duckdb fastparquet pandas && python3 make.py`; the files are kept, so that tests need no Python.
"""

import base64
import datetime
import decimal
import json
import pathlib
import uuid

import duckdb
import fastparquet
import pandas
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc


def as_json(value, kind):
    """What a value of that Arrow type is as JSON, by the rules of `parquet/convert.rs`."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: as_json(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        pairs = value.items() if isinstance(value, dict) else value
        return {key if isinstance(key, str) else json.dumps(as_json(key, kind.key_type)): as_json(item, kind.item_type) for key, item in pairs}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [as_json(item, kind.value_type) for item in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, decimal.Decimal):
        if kind.precision > 15:
            return f"{value:f}"
        return int(value) if kind.scale == 0 else float(value)
    if isinstance(value, datetime.datetime):
        text = value.replace(tzinfo=None).isoformat()
        text = text.rstrip("0") if "." in text else text
        return text + ("Z" if value.tzinfo else "")
    if isinstance(value, datetime.time):
        text = value.isoformat()
        return text.rstrip("0") if "." in text else text
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float):
        if value != value:
            return "NaN"
        if value in (float("inf"), float("-inf")):
            return "Infinity" if value > 0 else "-Infinity"
        if pa.types.is_float32(kind):
            return float(str(pandas.Series([value], dtype="float32")[0]))
    return value


def write(name, rows):
    (HERE / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def keep(name, table, rows=None, **options):
    pq.write_table(table, HERE / f"{name}.parquet", **options)
    write(rows or name, [{field.name: as_json(row[field.name], field.type) for field in table.schema} for row in table.to_pylist()])


def some(count, make, every=5):
    """Values with a null now and then."""
    return [None if index % every == 3 else make(index) for index in range(count)]


def types(count):
    instant = datetime.datetime(2024, 2, 29, 12, 34, 56)
    columns = {
        "bool": pa.array(some(count, lambda i: i % 3 == 0)),
        "i8": pa.array(some(count, lambda i: i - 20), pa.int8()),
        "u8": pa.array(some(count, lambda i: 255 - i), pa.uint8()),
        "u32": pa.array(some(count, lambda i: 2**32 - 1 - i), pa.uint32()),
        "i64": pa.array([(i - 7) * 10**15 for i in range(count)], pa.int64()),
        "u64": pa.array(some(count, lambda i: 2**64 - 1 - i), pa.uint64()),
        "f16": pa.array(pandas.Series([i / 4 - 3 for i in range(count)], dtype="float16")),
        "f32": pa.array(some(count, lambda i: [0.1, float("nan"), float("inf"), float("-inf"), 1e-7][i % 5] * (1 if i % 5 else i + 1)), pa.float32()),
        "f64": pa.array(some(count, lambda i: i / 7), pa.float64()),
        "text": pa.array(some(count, lambda i: f"naïve \"{i % 4}\"")),
        "bytes": pa.array(some(count, lambda i: bytes([0xFF, i])), pa.binary()),
        "ascii": pa.array(some(count, lambda i: str(i).encode()), pa.binary()),
        "fixed": pa.array(some(count, lambda i: i.to_bytes(3, "big")), pa.binary(3)),
        "small": pa.array(some(count, lambda i: decimal.Decimal(i * 37 - 50) / 100), pa.decimal128(9, 2)),
        "whole": pa.array(some(count, lambda i: decimal.Decimal(i * 10**9)), pa.decimal128(15, 0)),
        "large": pa.array(some(count, lambda i: (decimal.Decimal(-i) * 10**20 - 5) / 1000), pa.decimal128(38, 3)),
        "date": pa.array(some(count, lambda i: datetime.date(1969, 12, 25) + datetime.timedelta(i))),
        "time_ms": pa.array(some(count, lambda i: datetime.time(23, 59, i % 60, i * 1000)), pa.time32("ms")),
        "time_us": pa.array(some(count, lambda i: datetime.time(0, i % 60, 5, i)), pa.time64("us")),
        "at_ms": pa.array(some(count, lambda i: instant + datetime.timedelta(milliseconds=i)), pa.timestamp("ms")),
        "at_us": pa.array(some(count, lambda i: instant.replace(tzinfo=UTC) - datetime.timedelta(days=30000, microseconds=i)), pa.timestamp("us", "UTC")),
        "null": pa.nulls(count),
    }
    return pa.table(columns)


def nested(count):
    leaf = pa.struct([("x", pa.int32()), ("y", pa.string())])
    kind = pa.struct([
        ("list", pa.list_(pa.int32())),
        ("lists", pa.list_(pa.list_(pa.string()))),
        ("structs", pa.list_(leaf)),
        ("map", pa.map_(pa.string(), pa.list_(pa.float64()))),
        ("numbers", pa.map_(pa.int32(), leaf)),
        ("deep", pa.struct([("inner", pa.struct([("leaf", leaf), ("flag", pa.bool_())]))])),
    ])
    def row(i):
        return {
            "list": None if i % 7 == 2 else [None if j == 2 else j * i for j in range(i % 5)],
            "lists": None if i % 11 == 5 else [None if j == 1 and i % 2 else [f"{i}.{j}.{k}" if k != 1 else None for k in range(j)] for j in range(i % 4)],
            "structs": [None if j == 1 else {"x": j, "y": None if j % 2 else "é" * j} for j in range(i % 3)],
            "map": None if i % 5 == 4 else [(f"k{j}", None if j == 1 else [j / 2] * j) for j in range(i % 4)],
            "numbers": [(j, {"x": None, "y": str(j)}) for j in range(i % 3)],
            "deep": None if i % 6 == 1 else {"inner": None if i % 6 == 2 else {"leaf": None if i % 6 == 3 else {"x": i, "y": None}, "flag": i % 2 == 0}},
        }
    return pa.Table.from_pylist([{"id": i, **row(i)} for i in range(count)], pa.schema([("id", pa.int64())] + list(kind)))


def strings(count):
    return pa.table({
        "number": pa.array(some(count, lambda i: i * i * (-1) ** i), pa.int64()),
        "small": pa.array([i % 300 * 7 - 9 for i in range(count)], pa.int32()),
        "same": pa.array(["same"] * count),
        "path": pa.array(some(count, lambda i: f"s3://bucket/prefix/{i // 10:04}/file-{i}.csv")),
        "fixed": pa.array([f"{i:08}".encode() for i in range(count)], pa.binary(8)),
        "ratio": pa.array(some(count, lambda i: i / 3), pa.float64()),
        "flag": pa.array([i % 64 < 32 for i in range(count)]),
    })


def main():
    keep("types_snappy", types(30), "types", compression="snappy")
    keep("types_gzip_v2", types(30), "types", compression="gzip", data_page_version="2.0", use_dictionary=False)
    keep("nested_zstd", nested(60), compression="zstd", row_group_size=25, data_page_size=128)
    keep("nested_plain_v2", nested(40), compression="none", data_page_version="2.0", row_group_size=15)
    keep("empty", types(0), compression="snappy")
    plain = {"number": "PLAIN", "small": "PLAIN", "same": "PLAIN", "path": "PLAIN", "fixed": "PLAIN", "ratio": "BYTE_STREAM_SPLIT", "flag": "RLE"}
    delta = {**plain, "number": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED", "same": "DELTA_LENGTH_BYTE_ARRAY", "path": "DELTA_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY"}
    split = {**plain, "number": "BYTE_STREAM_SPLIT", "small": "BYTE_STREAM_SPLIT", "fixed": "BYTE_STREAM_SPLIT", "same": "DELTA_BYTE_ARRAY", "path": "DELTA_LENGTH_BYTE_ARRAY"}
    for name, encodings in (("plain", plain), ("delta", delta), ("split", split)):
        keep(f"encodings_{name}", strings(200), "strings", compression="snappy", use_dictionary=False, column_encoding=encodings, data_page_size=1024, data_page_version="2.0" if name == "split" else "1.0")
    keep("dictionary", strings(200), "strings", compression="zstd", data_page_size=256, row_group_size=150)
    keep("int96", pa.table({"at": types(12)["at_us"]}), use_deprecated_int96_timestamps=True)
    keep("brotli", strings(3), compression="brotli")
    duck()
    fast()


def duck():
    path = HERE / "duckdb.parquet"
    query = """select i::int as id, 'v' || (i % 3) as text, [i, i + 1, null] as list, {'a': i, 'b': i % 2 = 0} as struct,
        map {'k': i} as map, uuid as uuid, (i / 4)::decimal(18, 3) as amount, date '2024-01-01' + i::int as date
        from (select range as i, '00000000-0000-4000-8000-' || lpad(range::varchar, 12, '0') as uuid from range(50)) t"""
    query = query.replace("uuid as uuid", "uuid::uuid as uuid")
    duckdb.sql(query).write_parquet(str(path), compression="zstd")
    write("duckdb", [
        {
            "id": i, "text": f"v{i % 3}", "list": [i, i + 1, None], "struct": {"a": i, "b": i % 2 == 0}, "map": {"k": i},
            "uuid": str(uuid.UUID(f"00000000-0000-4000-8000-{i:012}")),
            "amount": f"{decimal.Decimal(i) / 4:.3f}",
            "date": (datetime.date(2024, 1, 1) + datetime.timedelta(i)).isoformat(),
        }
        for i in range(50)
    ])


def fast():
    frame = pandas.DataFrame({"id": range(20), "text": [f"t{i}" if i % 4 else None for i in range(20)], "half": [i / 2 for i in range(20)]})
    fastparquet.write(str(HERE / "fastparquet.parquet"), frame, compression="GZIP", row_group_offsets=[0, 12])
    write("fastparquet", [{"id": i, "text": f"t{i}" if i % 4 else None, "half": i / 2} for i in range(20)])


if __name__ == "__main__":
    main()
