"""Disks that can be filled: what a test does to have no room left."""
import contextlib
import errno
import os
import pathlib
import resource
import subprocess
import tempfile


class LimitedFiles:
    """As far as one process can play it: its files may not grow."""

    def __init__(self, folder):
        self.folder = folder
        self.limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, self.limits[1]))

    def free(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, self.limits)

    def close(self):
        pass


class SmallDisk:
    """A file system in memory, for who may mount one."""

    def __init__(self, folder):
        self.folder = folder / "disk"
        self.folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none", self.folder],
                       check=True, capture_output=True)
        self.ballast = self.folder / "ballast"

    def fill(self, server=None):
        with self.ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC

    def free(self, server=None):
        self.ballast.unlink()

    def make_read_only(self):
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)

    def close(self):
        subprocess.run(["umount", self.folder], check=True)


def can_mount():
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(subprocess.CalledProcessError,
                                                                      FileNotFoundError):
        SmallDisk(pathlib.Path(folder)).close()
        return True
    return False


KINDS = [LimitedFiles, SmallDisk] if can_mount() else [LimitedFiles]
