"""Writing so that a power cut or a full disk leaves either the old or the new, never half."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cityweave.engine.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = ("no space left on device", "disk quota exceeded", "file too large", "out of disk", "max_temp_directory_size")


def sync(path: Path) -> None:
    """Force a file's or a folder's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a small file in one move: written aside, forced to the disk, renamed."""
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    with full_disk_told(path):
        try:
            aside.write_bytes(content)
            sync(aside)
            aside.replace(path)
            sync(path.parent)
        finally:
            aside.unlink(missing_ok=True)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, by number or by words (an engine's own exception), says that the disk or a quota is full."""
    return getattr(error, "errno", None) in _FULL or any(words in str(error).lower() for words in _FULL_WORDS)


def disk_full(path: Path) -> StoreError:
    """The error for a full disk."""
    return StoreError(
        "磁盘已满，未写入任何结果 / the disk is full; nothing was half-written",
        str(path),
        "腾出空间或运行 gc，再运行一次，会从中断处继续 / free space or run gc, then run again: it goes on where it stopped",
    )


@contextmanager
def full_disk_told(path: Path) -> Iterator[None]:
    """Turn whatever exception means a full disk into a StoreError; leave all others alone."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, StoreError) and is_disk_full(error):
            raise disk_full(path) from None
        raise
