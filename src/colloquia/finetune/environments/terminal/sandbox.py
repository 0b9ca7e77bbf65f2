"""One shell command in a world of its own: a few files, the system's programs, and nothing else.

Every command gets new namespaces of the kernel (user, mount, network, process, IPC, host name) by
util-linux's `unshare`. Its root is an empty file system in memory with `/usr` read-only in it; the
files it works on come in as a tar archive and go out as one, so nothing on this machine is ever
written, and no path, process or address outside can be named. What namespaces leave open is closed
(`kernel_filter.py`), and they can't be nested. Nothing of it outlives the command.

There is no half way: where the kernel gives none of it, commands are refused.
"""

import io
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from colloquia.core.errors import UserError
from colloquia.finetune.environments.terminal.kernel_filter import close_calls

_NOBODY = 65534
_MOST_CHANGED = 12_000_000  # bytes of an archive that is taken back
_GRACE_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLimits:
    """What one command may use."""

    seconds: int = 10
    """By the clock, the sandbox's own making included; then all of it is killed."""
    cpu_s: int = 5
    """Of each process."""
    memory_mb: int = 512
    """Of address space, of each process."""
    file_kb: int = 1024
    """Of each file, and of the output."""
    folder_mb: int = 8
    """Of all files."""
    processes: int = 32
    output_chars: int = 2000
    """What is shown of the output: its first half and its last."""

    def __post_init__(self) -> None:
        """See that there is a limit of each kind.

        Raises:
            UserError: one is below 1, which the system's programs take for none.
        """
        for name in self.__slots__:
            if (given := getattr(self, name)) < 1:
                raise UserError(f"a command's limit {name} is {given}; give 1 or more")


LIMITS = CommandLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What came of a command."""

    output: str
    """Standard output and error as they came, cut to `output_chars`."""
    status: int | None
    """Exit status; None where it was stopped, and then the files are as they were."""
    files: bytes = field(repr=False)
    """A tar archive of the folder."""
    is_cut: bool = False
    """Whether there was more output."""


#: What runs a command in a folder: `run_command`, or something around it.
Run = Callable[[str, bytes, CommandLimits], CommandResult]


def run_command(command: str, files: bytes, limits: CommandLimits = LIMITS) -> CommandResult:
    """Run a command of `sh` in a folder with these files.

    Args:
        command: any; characters that can't be in an argument of a process are replaced in it. One
            of more than 30,000 characters isn't run, and has the status of one that can't be.
        files: a tar archive, as `packed` makes it.
        limits: of this command.

    Raises:
        UserError: this machine has no sandbox; nothing was run.
    """
    require_sandbox()
    if len(command) > _LONGEST:
        told = f"sh: a command of {len(command):,} characters; at most {_LONGEST:,} are run\n"
        return CommandResult(output=told, status=_CANNOT_RUN, files=files)
    done = _run_to_the_end(command, files, limits)
    head, _, archive = done.stdout.partition(b"\n")
    if done.returncode < 0 or len(done.stdout) > _MOST_CHANGED or not head.isdigit():
        return CommandResult(output="", status=None, files=files)
    output, is_cut = _cut(done.stderr.decode("utf-8", "replace"), limits.output_chars)
    return CommandResult(output=output, status=int(head), files=archive, is_cut=is_cut)


@cache
def require_sandbox() -> None:
    """See that commands can be run.

    Raises:
        UserError: this machine has no sandbox: why.
    """
    done = _run_to_the_end("true", packed({}), LIMITS)
    if not done.stdout.startswith(b"0\n"):
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _no_sandbox(told[0] if told else "a command that does nothing fails in it")


def has_sandbox() -> bool:
    """Whether commands can be run on this machine."""
    try:
        require_sandbox()
    except UserError:
        return False
    return True


def packed(files: Mapping[str, str]) -> bytes:
    """Return files as the archive that a command works on; all from 1970, whenever it is made."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"work/{path}")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def unpacked(archive: bytes) -> dict[str, str]:
    """Return the regular files of an archive by path; links, folders and the like are passed over.

    Bytes that aren't UTF-8 are replaced.
    """
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as parts:
        for entry in parts:
            path = entry.name.removeprefix("work/")
            is_file = entry.isreg() or entry.islnk()  # a second name of a file is a hard link
            content = parts.extractfile(entry) if is_file and path != entry.name else None
            if content is not None:
                files[path] = content.read().decode("utf-8", "replace")
    return files


def _run_to_the_end(
    command: str, files: bytes, limits: CommandLimits
) -> subprocess.CompletedProcess[bytes]:
    """Run a command and leave nothing of it, also where this is interrupted."""
    program = [*_wrapped(limits), "sh", "-c", _SCRIPT, "sh", _as_argument(command)]
    with os.fdopen(os.memfd_create("output"), "rb") as output:
        with _started(program, limits, output.fileno()) as process:
            out = b""
            try:
                out, _ = process.communicate(files, timeout=limits.seconds + _GRACE_S)
            except subprocess.TimeoutExpired:
                pass  # its own clock was stopped
            finally:
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)
        output.seek(0)
        return subprocess.CompletedProcess(program, process.returncode, out, output.read())


def _started(program: list[str], limits: CommandLimits, output: int) -> subprocess.Popen[bytes]:
    """Start a program behind the filter of calls, which holds for a thread and what it starts."""

    def start() -> subprocess.Popen[bytes]:
        try:
            close_calls()
        except UserError as error:
            raise _no_sandbox(str(error)) from error
        return subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env={"PATH": f"{os.defpath}:/usr/sbin:/sbin", "LC_ALL": "C"} | _sizes(limits),
            start_new_session=True,
        )

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(start).result()


def _wrapped(limits: CommandLimits) -> list[str]:
    """Return the programs that a command is run through, outermost first."""
    unshare = shutil.which("unshare")
    if unshare is None:
        raise _no_sandbox("it needs Linux with util-linux's unshare")
    # As root, processes wouldn't be counted, and root's files would be the command's own.
    nobody = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    return [
        *(["setpriv", *nobody] if os.geteuid() == 0 else []),
        # The clock runs in a process of its own: it strikes also when this one is gone.
        *("timeout", "--signal=KILL", str(limits.seconds)),
        *(unshare, "--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts"),
        *("--pid", "--fork", "--kill-child"),
    ]


def _sizes(limits: CommandLimits) -> dict[str, str]:
    return {
        "CPU_S": str(limits.cpu_s),
        "MEMORY": str(limits.memory_mb * 2**20),
        "FILE": str(limits.file_kb * 2**10),
        "FOLDER": f"{limits.folder_mb}m",
        "PROCESSES": str(limits.processes),
        "MOST": str(_MOST_CHANGED + 1),
    }


def _as_argument(command: str) -> str:
    return command.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


_LONGEST = 30_000  # characters: an argument of Linux has at most 128 KiB
_CANNOT_RUN = 126


def _cut(text: str, most: int) -> tuple[str, bool]:
    if len(text) <= most:
        return text, False
    return f"{text[: most // 2]}\n...\n{text[-most // 2 :]}", True


def _no_sandbox(why: str) -> UserError:
    return UserError(
        f"no sandbox for commands on this machine: {why}; it takes Linux with user namespaces "
        "(in a container: run it privileged; on Ubuntu: "
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0)"
    )


# Runs as process 1 of the new namespaces: makes the root, which nothing can write to but /work and
# /tmp, runs the command without any rights of its own and in a session of its own, ends whatever it
# left running, and hands the folder back. The command's output goes to the standard error, a file
# in memory that lies outside.
_SCRIPT = """
set -eu
echo 0 >/proc/sys/user/max_user_namespaces  # of this namespace: none within it
mount -t tmpfs -o size=8m,mode=755 tmpfs /tmp
cd /tmp
mkdir work tmp dev etc old
cp -a /etc/alternatives /etc/ld.so.cache etc/ 2>/dev/null || true
for place in /usr /bin /sbin /lib /lib64; do
  if [ -L "$place" ]; then cp -P "$place" .
  elif [ -d "$place" ]; then
    mkdir ".$place"
    mount --bind "$place" ".$place"
    mount -o remount,bind,ro ".$place"
  fi
done
: >dev/null
mount --bind /dev/null dev/null
mount -t tmpfs -o size="$FOLDER",nr_inodes=1k,mode=755 tmpfs old
mkdir old/work old/tmp
mount --bind old/work work
mount --bind old/tmp tmp
umount old
pivot_root . old
ln -s old/proc /proc  # where mount and umount read what is mounted; it leads nowhere later
mount -o remount,bind,ro /
umount --lazy /old
tar -x -C /
cd /work
set +e
setsid prlimit --cpu="$CPU_S" --as="$MEMORY" --fsize="$FILE" --nproc="$PROCESSES" --nofile=64 \\
  --core=0 setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \\
  env -i PATH=/usr/bin:/bin HOME=/work LC_ALL=C sh -c "$1" >&2 </dev/null
echo $?
kill -KILL -1 2>/dev/null
tar -c -C / work 2>/dev/null | head -c "$MOST"
"""
