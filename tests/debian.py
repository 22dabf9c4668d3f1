"""Programs from Debian packages that are unpacked and not installed: a mail server that is
installed would start, and drive out the one that is there."""
import os
import shutil
import subprocess


class NotToBeHad(Exception):
    """Why a package cannot be unpacked here."""


def unpack(folder, *packages):
    """Unpacks them once, with what they depend on and the machine lacks; returns the folder."""
    done = folder / ".unpacked"
    if done.exists():
        return folder
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NotToBeHad(f"not a Debian system; needed are {' '.join(packages)}")
    archives = folder / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(
        ["apt-get", "install", "-qq", "--download-only", "--reinstall", "--no-install-recommends",
         "-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1", *packages],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if fetched.returncode:
        raise NotToBeHad(f"{' '.join(packages)}: {fetched.stderr.strip()}")
    for package in archives.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder], check=True)
    shutil.rmtree(archives)
    done.touch()
    return folder


def libraries(folder, *more):
    """LD_LIBRARY_PATH for what was unpacked there."""
    return os.pathsep.join(map(str, [*more, *folder.glob("usr/lib/*-linux-gnu*")]))
