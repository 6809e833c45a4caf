"""A disk of a few megabytes that can be filled: a tmpfs, which takes root to mount."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.ground import skip

_BLOCK = 64 * 1024


class SmallDisk:
    """``folder`` is where it is mounted."""

    def __init__(self, folder: Path) -> None:
        """It is mounted already."""
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("wb", buffering=0) as ballast:
            size = _BLOCK
            while size:
                try:
                    size = size if ballast.write(b"\0" * size) == size else size // 2
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Make room again."""
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path, *, megabytes: int, owner: int = -1) -> Iterator[SmallDisk]:
    """Mount one; the case is skipped where that is not allowed."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        skip("a small disk takes root to mount")
    options = f"size={megabytes}m,mode=700" + (f",uid={owner}" if owner >= 0 else "")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        skip(f"a small disk can't be mounted: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S607  # beside mount
