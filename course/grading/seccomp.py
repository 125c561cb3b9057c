"""What a process in the sandbox may ask of the kernel: a filter of system calls, and what it may make in which folder.

The filter names what is denied. Numerical Python, threads, processes with shared memory and gloo never ask for these; each is
a door that bugs of the kernel have opened before, or memory that no limit counts. Calls newer than this list do not exist inside.
"""

import ctypes
import errno
import os
import struct
import sys

from course.grading.spaces import call

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NEWEST = 462
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, ABOVE, ANY, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # load a word; jump if equal, greater, any bit set; return
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X32 = 0x40000000
NEW_SPACES = 0x7E020000  # every CLONE_NEW… flag of clone
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16
PUSH_INPUT, CONSOLE = 0x5412, 0x541C  # TIOCSTI, TIOCLINUX

# name: its number on x86_64 and on aarch64, None where there is none
DENIED = {
    # other processes, their memory and files
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "move_pages": (279, 239), "migrate_pages": (256, 238),
    # namespaces and file systems
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "statmount": (457, 457), "listmount": (458, 458),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "ustat": (136, None), "sysfs": (139, None), "lookup_dcookie": (212, 18),
    # the kernel itself
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "create_module": (174, None), "query_module": (178, None),
    "get_kernel_syms": (177, None), "reboot": (169, 142), "syslog": (103, 116), "vhangup": (153, 58), "iopl": (172, None),
    "ioperm": (173, None), "modify_ldt": (154, None), "uselib": (134, None), "_sysctl": (156, None), "nfsservctl": (180, 42),
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "lsm_set_self_attr": (460, 460),
    # memory that neither a process nor a file system is seen to hold
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186),
}  # fmt: skip
SOME = {
    "clone": (56, 220), "clone3": (435, 435), "socket": (41, 198), "socketpair": (53, 199), "ioctl": (16, 29),
    "personality": (135, 92),
}  # fmt: skip

MAKE = 0x3FC0  # Landlock's rights to make something: devices, folders, files, sockets, pipes, links; and to move it elsewhere
MAKE_SOCKET = 0x200


def program(machine: str) -> bytes:
    """The filter for a machine, as the kernel takes it."""
    column = list(ARCHITECTURES).index(machine)

    def deny(number):
        return _step(RETURN, ERRNO | number)

    def number_is(name, *then):
        """`then` if this is the call; it ends with a return."""
        return [_step(EQUAL, SOME[name][column], 0, len(then)), *then]

    def family(name):
        """The families of sockets that are there; of netlink protocol 0 alone, with which glibc lists the interfaces."""
        known = [_step(EQUAL, one, skip) for one, skip in ((UNIX, 6), (INET, 5), (INET6, 4))]
        netlink = [_step(EQUAL, NETLINK, 0, 2), _argument(2), _step(EQUAL, 0, 1)]
        return number_is(name, _argument(0), *known, *netlink, deny(errno.EAFNOSUPPORT), _step(RETURN, ALLOW))

    steps = [
        _load(ARCHITECTURE),
        _step(EQUAL, ARCHITECTURES[machine], 1),
        _step(RETURN, KILL),
        _load(NUMBER),
        *([_step(ABOVE, X32 - 1, 0, 1), _step(RETURN, KILL)] if machine == "x86_64" else []),
        _step(ABOVE, NEWEST, 0, 1),
        deny(errno.ENOSYS),
        *number_is("clone3", deny(errno.ENOSYS)),  # its flags lie where no filter looks; the C library then takes clone
        *number_is("clone", _argument(0), _step(ANY, NEW_SPACES, 0, 1), deny(errno.EPERM), _step(RETURN, ALLOW)),
        *family("socket"),
        *number_is("socketpair", _argument(0), _step(EQUAL, UNIX, 1), deny(errno.EAFNOSUPPORT), _step(RETURN, ALLOW)),
        *number_is(
            "ioctl", _argument(1), _step(EQUAL, PUSH_INPUT, 1), _step(EQUAL, CONSOLE, 0, 1), deny(errno.EPERM),
            _step(RETURN, ALLOW),
        ),
        *number_is(
            "personality", _argument(0), _step(EQUAL, 0, 2), _step(EQUAL, 0xFFFFFFFF, 1), deny(errno.EPERM), _step(RETURN, ALLOW)
        ),
    ]  # fmt: skip
    for numbers in DENIED.values():
        if numbers[column] is not None:
            steps += [_step(EQUAL, numbers[column], 0, 1), deny(errno.EPERM)]
    return b"".join([*steps, _step(RETURN, ALLOW)])


def apply(machine: str | None = None) -> None:
    """Put the filter on this process and all that it will start, for good. It must have given up new privileges before."""
    code = program(machine or os.uname().machine)
    kept = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept))
    call("prctl", 22, 2, ctypes.create_string_buffer(header, len(header)), 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def only_sockets_but_in(folders: tuple[str, ...], sockets: str) -> bool:
    """Landlock: files are made in `folders` alone, and sockets also in `sockets`. False where the kernel cannot (before 5.19)."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(444, None, 0, 1) < 2:
        return False
    rules = library.syscall(444, struct.pack("Q", MAKE), 8, 0)
    if rules == -1:
        return False
    for folder, rights in [*((one, MAKE) for one in folders), (sockets, MAKE_SOCKET)]:
        place = os.open(folder, os.O_PATH)
        call("syscall", 445, rules, 1, struct.pack("=Qi", rights, place), 0)
        os.close(place)
    call("syscall", 446, rules, 0)
    os.close(rules)
    return True


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _load(offset: int) -> bytes:
    return _step(LOAD, offset)


def _argument(number: int) -> bytes:
    """The lower half of an argument, which is all that the kernel looks at in the calls above."""
    return _load(ARGUMENTS + 8 * number + 4 * (sys.byteorder == "big"))
