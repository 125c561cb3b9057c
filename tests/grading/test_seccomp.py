"""The filter of system calls: read as the kernel reads it, for both machines, and tried from inside."""

import ctypes
import errno
import json
import mmap
import os
import re
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from course.grading import sandbox, seccomp

here = pytest.mark.skipif(not sys.platform.startswith("linux") or bool(sandbox.missing()), reason="no namespaces here")
MACHINE = os.uname().machine
COLUMN = list(seccomp.ARCHITECTURES).index(MACHINE) if MACHINE in seccomp.ARCHITECTURES else 0
EPERM, ENOSYS, EAFNOSUPPORT = (seccomp.ERRNO | one for one in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))


def verdict(machine, number, *arguments, architecture=None):
    """What the filter returns for a call."""
    data = struct.pack("IIQ6Q", number, architecture or seccomp.ARCHITECTURES[machine], 0, *(arguments + (0,) * 6)[:6])
    code, place, word = seccomp.program(machine), 0, 0
    while True:
        what, yes, no, value = struct.unpack_from("HBBI", code, 8 * place)
        place += 1
        if what == seccomp.RETURN:
            return value
        if what == seccomp.LOAD:
            [word] = struct.unpack_from("I", data, value)
        else:
            holds = {seccomp.EQUAL: word == value, seccomp.ABOVE: word > value, seccomp.ANY: bool(word & value)}[what]
            place += yes if holds else no


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
def test_the_filter_says_what_it_should(machine):
    column = list(seccomp.ARCHITECTURES).index(machine)
    of = {name: numbers[column] for name, numbers in {**seccomp.DENIED, **seccomp.SOME}.items()}
    assert all(verdict(machine, of[name]) == EPERM for name in seccomp.DENIED if of[name] is not None)
    assert verdict(machine, of["clone3"]) == ENOSYS and verdict(machine, seccomp.NEWEST + 1) == ENOSYS
    for flag in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, of["clone"], flag | 17) == EPERM
    assert verdict(machine, of["clone"], 0x3D0F00) == seccomp.ALLOW  # a thread
    assert verdict(machine, of["clone"], 0x1200011) == seccomp.ALLOW  # fork
    allowed = {(1, 0), (2, 0), (2, 6), (10, 0), (16, 0)}
    for family in range(46):
        for protocol in (0, 6, 9, 12):
            expected = (family, protocol) in allowed or family in (1, 2, 10)
            assert verdict(machine, of["socket"], family, 1, protocol) == (seccomp.ALLOW if expected else EAFNOSUPPORT)
        assert verdict(machine, of["socketpair"], family) == (seccomp.ALLOW if family == 1 else EAFNOSUPPORT)
    for request, expected in ((0x5412, EPERM), (0x541C, EPERM), (0x5401, seccomp.ALLOW), (0x10000005412, EPERM)):
        assert verdict(machine, of["ioctl"], 0, request) == expected
    for wanted, expected in ((0, seccomp.ALLOW), (0xFFFFFFFF, seccomp.ALLOW), (0x40000, EPERM), (8, EPERM)):
        assert verdict(machine, of["personality"], wanted) == expected
    other = next(one for name, one in seccomp.ARCHITECTURES.items() if name != machine)
    assert verdict(machine, 0, architecture=other) == verdict(machine, 0, architecture=0x40000003) == seccomp.KILL
    if machine == "x86_64":
        assert verdict(machine, seccomp.X32 | 39) == seccomp.KILL
    denied = {one for name, one in of.items()}
    assert all(verdict(machine, number) == seccomp.ALLOW for number in range(seccomp.NEWEST + 1) if number not in denied)


@pytest.mark.parametrize(
    ("machine", "header"),
    [("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), ("aarch64", "/usr/include/asm-generic/unistd.h")],
)
def test_the_numbers_are_those_of_the_kernels_headers(machine, header):
    if not Path(header).exists():
        pytest.skip("the headers are not installed")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text()))
    column = list(seccomp.ARCHITECTURES).index(machine)
    ours = {name: numbers[column] for name, numbers in {**seccomp.DENIED, **seccomp.SOME}.items()}
    assert not {name: number for name, number in ours.items() if name in known and int(known[name]) != number}
    assert len(set(ours) & set(known)) > 50


def inside(tmp_path, work, **limits):
    """What `work()` returns inside, and the exit code."""
    report = tmp_path / "report"
    sink = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    child = os.fork()
    if child == 0:
        world = sandbox.World(None, sandbox.python_paths(), **limits)
        process = sandbox.spawn(world, lambda: os.write(sink, json.dumps(work()).encode()), (sink,))
        os._exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(sink)
    return json.loads(report.read_text() or "null"), code


def ask(*arguments):
    """The error that a system call gives, by its name."""
    library = ctypes.CDLL(None, use_errno=True)
    ctypes.set_errno(0)
    result = library.syscall(*arguments)
    return errno.errorcode.get(ctypes.get_errno(), "none") if result == -1 else "none"


@here
def test_what_is_denied_fails_inside(tmp_path):
    def work():
        said = {name: ask(numbers[COLUMN], 0, 0, 0, 0, 0) for name, numbers in seccomp.DENIED.items() if numbers[COLUMN]}
        some = {name: numbers[COLUMN] for name, numbers in seccomp.SOME.items()}
        return [
            said, ask(some["clone3"], 0, 0), ask(some["clone"], 0x10000011, 0, 0, 0, 0), ask(some["socket"], 38, 5, 0),
            ask(some["socket"], 17, 3, 0), ask(some["socket"], 16, 3, 12), ask(some["socket"], 1, 1, 0),
            ask(some["personality"], 0x40000), ask(some["ioctl"], 0, 0x5412, b"x"), ask(seccomp.NEWEST + 3),
        ]  # fmt: skip

    [said, *some], code = inside(tmp_path, work)
    assert set(said.values()) == {"EPERM"} and code == 0, said
    assert some == ["ENOSYS", "EPERM", *["EAFNOSUPPORT"] * 3, "none", "EPERM", "EPERM", "ENOSYS"]


@here
@pytest.mark.skipif(MACHINE != "x86_64", reason="this machine has one way to call the kernel")
def test_the_other_ways_to_call_the_kernel_kill(tmp_path):
    def by_interrupt():
        code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20; int 0x80; ret
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()

    def by_x32():
        ctypes.CDLL(None).syscall(seccomp.X32 | 39)

    for way in (by_interrupt, by_x32):
        assert inside(tmp_path, way) == (None, 128 + signal.SIGSYS)


@here
def test_processes_shared_memory_and_drawing_work(tmp_path):
    """With torch imported, in a process of its own."""
    script = """
import os, sys, subprocess, threading, warnings
import torch, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import multiprocessing.shared_memory, multiprocessing.pool, torch.multiprocessing
from pathlib import Path
from course.grading import sandbox
def square(x):
    return x * x
def double(x):
    x.mul_(2)
def work():
    torch.set_num_threads(1)  # OpenMP's threads do not survive a fork, sandbox or not
    context = torch.multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
    shared = torch.ones(1000, 100).share_memory_()
    child = context.Process(target=double, args=(shared,))
    child.start(); child.join()
    assert shared.sum() == 200000, shared.sum()
    block = multiprocessing.shared_memory.SharedMemory(create=True, size=1 << 20)
    block.buf[5] = 7; block.close(); block.unlink()
    queue = context.Queue()
    context.Process(target=queue.put, args=([0, 1, 2],)).start()
    assert queue.get() == [0, 1, 2]
    done = subprocess.run([sys.executable, "-c", "import socket, ssl, sqlite3; print(6 * 7)"], capture_output=True, text=True)
    assert done.stdout == "42\\n", done
    assert subprocess.run("echo hello | tr a-z A-Z", shell=True, capture_output=True, text=True).stdout == "HELLO\\n"
    loader = torch.utils.data.DataLoader(torch.arange(64), 8, num_workers=2, multiprocessing_context="fork")
    assert sum(batch.sum().item() for batch in loader) == 2016
    torch.set_num_threads(4)
    w = torch.randn(400, 400, requires_grad=True)
    (w @ w).sum().backward()
    plt.plot([1, 2]); plt.savefig("plot.png")
    assert Path("plot.png").stat().st_size > 1000
    sys.stdout.write("all well"); sys.stdout.flush()
world = sandbox.World(None, sandbox.python_paths(), memory_bytes=4 << 30)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(sandbox.spawn(world, work), 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.endswith("all well"), done.stderr
