"""What a whole world uses: its memory, processor time and disk, looked at from its keeper, which it cannot reach.

Limits of the kernel hold for one process each. Control groups would hold for all, but few users may make one; this works for
any. Memory is what the world added: private pages, pages that its processes share, and its files in memory; what it has in common
with the process that it was forked from is not counted.
"""

import os
import re
import time

MEMORY, PROCESSOR, DISK = 241, 242, 243  # exit codes of a world that was ended
PAUSE_S = 0.05
FOLDER_EVERY = 10  # looks
DEEP, MANY = 64, 20000  # folders in a folder, entries in all
TICKS = os.sysconf("SC_CLK_TCK")
ANONYMOUS = re.compile(rb"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ +/dev/zero \(deleted\)\n(?:.*\n)*?Pss: +(\d+) kB", re.M)


class Watch:
    """Looks at the processes that /proc shows once the world is made, which are its own; made before, while /proc is the old one.

    folder: an open folder on the disk that the world writes to. places: where its file systems in memory lie.
    """

    def __init__(self, memory_bytes: int, cpu_s: float, disk_bytes: int, folder: int | None, places: tuple[str, ...]):
        self.memory_bytes, self.cpu_s, self.disk_bytes, self.folder, self.places = memory_bytes, cpu_s, disk_bytes, folder, places
        self.inherited = _kilobytes(_read("/proc/self/status"), b"RssAnon") << 10
        self.own = os.open("/proc/self/smaps_rollup", os.O_RDONLY)
        self.times: dict[tuple[str, bytes], int] = {}
        self.past = self.looks = 0

    def over(self) -> int | None:
        """The code of the limit that is passed, None if all is well."""
        self.looks += 1
        names = _names()
        if self._rough(names) > self.memory_bytes and self._surely_over():
            return MEMORY
        if self._seconds(names) > self.cpu_s:
            return PROCESSOR
        if self.folder is not None and self.looks % FOLDER_EVERY == 0 and used(self.folder, self.disk_bytes) > self.disk_bytes:
            return DISK
        return None

    def _surely_over(self) -> bool:
        """Several looks agree: a process that just starts another shares all its memory with it for an instant."""
        for pause in range(8):
            if self.exact() <= self.memory_bytes:
                return False
            time.sleep(0.001 * (1 + pause))
        return True

    def _rough(self, names: list[str]) -> int:
        """At least as much as it uses, found quickly."""
        return self._files() + sum(_resident(name) for name in names)

    def exact(self) -> int:
        """What it uses in bytes. A process that cannot be looked into counts in full."""
        names = _names()
        total = 0
        for name in names:
            rolled = _read(f"/proc/{name}/smaps_rollup")
            if not rolled:
                total += _resident(name)
                continue
            total += _kilobytes(rolled, b"Pss_Anon") << 10
            if _kilobytes(rolled, b"Pss_Shmem"):
                maps = _read(f"/proc/{name}/smaps")
                total += sum(map(int, ANONYMOUS.findall(maps))) << 10
        shared = _kilobytes(os.pread(self.own, 1 << 13, 0), b"Pss_Anon") << 10
        return total + self._files() - min(len(names) * shared, self.inherited)

    def _files(self) -> int:
        """The bytes of its files in memory, each file system once."""
        sizes = {}
        for place in self.places:
            found = os.statvfs(place)
            sizes[os.stat(place).st_dev] = (found.f_blocks - found.f_bfree) * found.f_frsize
        return sum(sizes.values())

    def _seconds(self, names: list[str]) -> float:
        """The processor time of all its processes so far, those that ended included as a look last saw them."""
        times = {}
        for name in names:
            if line := _read(f"/proc/{name}/stat"):
                fields = line.rsplit(b")", 1)[1].split()
                times[name, fields[19]] = int(fields[11]) + int(fields[12])
        self.past += sum(spent for process, spent in self.times.items() if process not in times)
        self.times = times
        return (self.past + sum(times.values())) / TICKS


def _names() -> list[str]:
    """The processes but the first, which is the keeper's, holds nothing and lets nobody look."""
    return [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def used(folder: int, enough: int) -> int:
    """The bytes on disk below an open folder, or more than `enough` if there is too much to count; no link is followed."""
    total = count = 0
    stack = [(folder, os.scandir(folder))]
    try:
        while stack:
            entry = next(stack[-1][1], None)
            if entry is None:
                _leave(stack)
                continue
            count += 1
            try:
                if entry.is_dir(follow_symlinks=False):
                    if len(stack) >= DEEP:
                        return enough + 1
                    inner = os.open(entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=stack[-1][0])
                    stack.append((inner, os.scandir(inner)))
                total += entry.stat(follow_symlinks=False).st_blocks * 512
            except OSError:
                continue
            if total > enough or count > MANY:
                return enough + 1
    finally:
        while stack:
            _leave(stack)
    return total


def _leave(stack: list) -> None:
    folder, entries = stack.pop()
    entries.close()
    if stack:
        os.close(folder)


def _resident(name: str) -> int:
    status = _read(f"/proc/{name}/status")
    return (_kilobytes(status, b"RssAnon") + _kilobytes(status, b"RssShmem")) << 10


def _kilobytes(text: bytes, name: bytes) -> int:
    found = re.search(rb"^" + name + rb":\s*(\d+) kB", text, re.M)
    return int(found[1]) if found else 0


def _read(path: str) -> bytes:
    """What a file of /proc says, nothing if its process ended or lets nobody look."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
