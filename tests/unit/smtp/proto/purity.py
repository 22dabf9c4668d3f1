#!/usr/bin/env python3
"""The protocol does no I/O: purity.py NM LIBRARY... fails if a library needs a symbol that is not
in the list below. What compilers and sanitizers add is left out.
"""
import re
import subprocess
import sys

LIBC = "__assert_fail free memchr memcmp memcpy memmove memset strchr strlen vsnprintf".split()
CORE = r"(arena|base64|buf|mem|span|utf8)_\w+|parse_u64|parse_id|x(malloc|calloc|realloc|strdup)|free_ptr"
OWN = r"(smtp|engine)_\w+"
TOOLS = (r"__(asan|ubsan|tsan|lsan|msan|sanitizer|sancov|gcov|llvm|stack_chk|cyg)_?\w*"
         r"|_GLOBAL_OFFSET_TABLE_|__\w+_chk|__start_\w+|__stop_\w+")


def undefined(nm, library):
    lines = subprocess.run([nm, "-u", library], check=True, capture_output=True, text=True).stdout
    return {match[1] for match in re.finditer(r"^\s+[UwW]\s+(\S+)", lines, re.MULTILINE)}


def is_allowed(symbol):
    return symbol in LIBC or re.fullmatch(f"{CORE}|{OWN}|{TOOLS}", symbol)


def main(nm, *libraries):
    needed = set().union(*(undefined(nm, library) for library in libraries))
    if not needed:
        sys.exit("found no symbols at all: is this the right file?")
    if bad := sorted(symbol for symbol in needed if not is_allowed(symbol)):
        sys.exit("the protocol must not need " + ", ".join(bad))
    print(f"{len(needed)} symbols, all of them allowed")


main(*sys.argv[1:])
