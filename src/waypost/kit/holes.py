"""Give the beginning of a file back to the disk while others still write to its end (Linux, fallocate(2))."""

from __future__ import annotations

import ctypes
import os

_KEEP_SIZE, _PUNCH_HOLE = 0x01, 0x02
_BLOCK = 4096


def punch(path: str | os.PathLike[str], until: int) -> bool:
    """Free what lies before offset ``until``; the file keeps its size, and reads zeros there. False: not possible."""
    length = until - until % _BLOCK
    fallocate = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    if fallocate is None or length <= 0:
        return fallocate is not None
    fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        return int(fallocate(handle, _PUNCH_HOLE | _KEEP_SIZE, 0, length)) == 0
    finally:
        os.close(handle)
