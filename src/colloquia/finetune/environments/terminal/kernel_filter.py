"""What namespaces leave open, closed by the kernel's own filter of system calls (seccomp).

A network namespace has no addresses, and yet a virtual machine's host can be dialled from it
(`AF_VSOCK`); memory of System V's calls and of `memfd_create` counts for no process and no file
system; `io_uring` opens sockets without the call `socket`; and the keys of whoever calls are in
reach. So of sockets only `AF_UNIX`'s are let through, and of the others nothing: they fail as if
the kernel didn't have them.

The filter is a program of classic BPF over `struct seccomp_data` (`linux/seccomp.h`): the call's
number at 0, the processor's kind at 4, the first argument's low half at 16.
"""

import ctypes
import os
import platform
import struct
from dataclasses import dataclass
from errno import EAFNOSUPPORT, ENOSYS

from colloquia.core.errors import UserError


@dataclass(frozen=True, slots=True)
class _Processor:
    """The numbers of one processor's calls (`asm/unistd.h`)."""

    audit: int
    """Its kind, as the kernel tells filters (`linux/audit.h`)."""
    socket: int
    closed: tuple[int, ...]
    """`shmget`, `semget`, `msgget`, `memfd_create`, `add_key`, `request_key`, `keyctl`,
    `io_uring_setup`."""


_PROCESSORS = {
    "x86_64": _Processor(0xC000_003E, 41, (29, 64, 68, 319, 248, 249, 250, 425)),
    "aarch64": _Processor(0xC000_00B7, 198, (194, 190, 186, 279, 217, 218, 219, 425)),
}
_X32 = 0x4000_0000  # calls of x86_64's small form have this bit, and the same kind
_AF_UNIX = 1
_LOAD, _IF_SAME, _IF_AT_LEAST, _END = 0x20, 0x15, 0x35, 0x06  # of linux/bpf_common.h
_ALLOW, _FAIL = 0x7FFF_0000, 0x0005_0000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def close_calls() -> None:
    """Close them to this thread and to the processes that it starts from now on, for good.

    Raises:
        UserError: this kernel or processor has no such filter; nothing is closed.
    """
    machine = platform.machine()
    if machine not in _PROCESSORS:
        raise UserError(f"there is no filter of system calls for {machine}")
    steps = _filter(_PROCESSORS[machine])
    program = _Program(len(steps) // 8, steps)
    control = ctypes.CDLL(None, use_errno=True).prctl
    control.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    where = ctypes.cast(ctypes.byref(program), ctypes.c_void_p).value
    for asked in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, where, 0, 0)):
        if control(*asked) != 0:
            why = os.strerror(ctypes.get_errno())
            raise UserError(f"the kernel takes no filter of system calls: {why}")


def _filter(processor: _Processor) -> bytes:
    """Return the program; a step is a code, how many to pass over if so and if not, and a value."""
    steps = [
        (_LOAD, 0, 0, 4),
        (_IF_SAME, 1, 0, processor.audit),
        (_END, 0, 0, _FAIL | ENOSYS),
        (_LOAD, 0, 0, 0),
        (_IF_AT_LEAST, 0, 1, _X32),
        (_END, 0, 0, _FAIL | ENOSYS),
    ]
    for number in processor.closed:
        steps += [(_IF_SAME, 0, 1, number), (_END, 0, 0, _FAIL | ENOSYS)]
    steps += [
        (_IF_SAME, 0, 3, processor.socket),
        (_LOAD, 0, 0, 16),
        (_IF_SAME, 1, 0, _AF_UNIX),
        (_END, 0, 0, _FAIL | EAFNOSUPPORT),
        (_END, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
