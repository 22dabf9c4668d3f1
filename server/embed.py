#!/usr/bin/env python3
"""Writes files as a C table: embed.py [--gzip] OUTPUT.c SYMBOL FILE|FOLDER...

A file is named by its base name, a file in a folder by its path below that folder. The table is
`const struct embedded_files SYMBOL`, sorted by name.
"""
import gzip
import hashlib
import pathlib
import sys


def collect(paths):
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            for file in path.rglob("*"):
                if file.is_file():
                    yield file.relative_to(path).as_posix(), file.read_bytes()
        else:
            yield path.name, path.read_bytes()


def array(name, data):
    # A byte more, so that text ends in NUL and an empty file is no empty array.
    body = ",".join(map(str, data + b"\0"))
    return f"static const unsigned char {name}[] = {{{body}}};\n"


def main(arguments):
    compress = arguments[0] == "--gzip"
    output, symbol, *paths = arguments[compress:]
    code = ['#include "core/embedded.h"\n']
    rows = []
    for index, (name, data) in enumerate(sorted(collect(paths))):
        code.append(array(f"bytes_{index}", data))
        small = gzip.compress(data, 9, mtime=0) if compress else b""
        if small:
            code.append(array(f"gzip_{index}", small))
        packed = f"gzip_{index}, {len(small)}" if small else "NULL, 0"
        etag = hashlib.sha256(data).hexdigest()[:16]
        rows.append(f'{{ "{name}", bytes_{index}, {len(data)}, {packed}, "\\"{etag}\\"" }},\n')
    table = "".join(rows) or "{ 0 },\n"
    code.append(f"static const struct embedded_file items[] = {{\n{table}}};\n")
    code.append(f"extern const struct embedded_files {symbol};\n")
    code.append(f"const struct embedded_files {symbol} = {{ items, {len(rows)} }};\n")
    pathlib.Path(output).write_text("".join(code))


main(sys.argv[1:])
