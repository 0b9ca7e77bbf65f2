"""What a command in the sandbox can't do, tried."""

import os
import platform
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from colloquia.core.errors import UserError
from colloquia.finetune.environments.terminal.sandbox import (
    CommandLimits,
    packed,
    require_sandbox,
    run_command,
    unpacked,
)

pytestmark = pytest.mark.usefixtures("sandbox")
FILES = packed({"a.txt": "one\n", "deep/b.txt": "two\n"})


def say(command: str, **limits: int) -> str:
    return run_command(command, FILES, CommandLimits(**limits)).output


def test_a_command_reads_and_writes_its_files() -> None:
    done = run_command("cat a.txt deep/b.txt; echo three > c.txt; exit 3", FILES)
    assert (done.output, done.status) == ("one\ntwo\n", 3)
    assert unpacked(done.files) == {"a.txt": "one\n", "deep/b.txt": "two\n", "c.txt": "three\n"}
    assert run_command("cat c.txt", done.files).output == "three\n"


def test_it_sees_no_file_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    said = say(f"cat {secret} /etc/passwd; ls /; ls /home /root /proc/1")
    assert "a secret" not in said
    assert "root:" not in said
    listed = said.split("passwd: No such file or directory\n")[1].split()
    assert {"usr", "work"} <= set(listed[: listed.index("work") + 1])
    assert said.count("No such file") >= 5


def test_it_can_write_nowhere_but_in_memory() -> None:
    assert "Read-only file system" in say("touch /usr/here")
    assert not Path("/usr/here").exists()


def test_it_reaches_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        dial = f"use IO::Socket::INET; IO::Socket::INET->new('127.0.0.1:{port}') or die $!"
        said = say(f'perl -e "{dial}" || echo no way')
    assert "no way" in said


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("socket(S, 40, 1, 0)", "not supported"),  # AF_VSOCK: a virtual machine's host
        ("socket(S, 2, 2, 0)", "not supported"),
        ("socket(S, 16, 3, 0)", "not supported"),  # AF_NETLINK
        ("socket(S, 1, 1, 0)", "done"),  # AF_UNIX
        ("defined shmget(0, 700000000, 0600)", "not implemented"),
        ("defined msgget(0, 0600)", "not implemented"),
        ("defined semget(0, 1, 0600)", "not implemented"),
        ("syscall(425, 8, 0) >= 0", "not implemented"),  # io_uring_setup
        ("syscall(250, 0, -3, 0) >= 0", "not implemented"),  # keyctl
        ("syscall(319, my $name = 1, 0) >= 0", "not implemented"),  # memfd_create
    ],
)
def test_what_namespaces_leave_open_is_closed(call: str, answer: str) -> None:
    assert answer in say(f"perl -e '{call} ? print qq(done) : print $!'")


@pytest.mark.parametrize(
    "command",
    [
        "touch /etc/ld.so.preload",  # read by whatever is run with rights afterwards
        "rm /lib64 || rm /lib || rm /bin",
        "mv /etc /elsewhere",
        "touch /here",
        "rmdir /work /tmp",
    ],
)
def test_nothing_but_its_two_folders_can_be_written(command: str) -> None:
    done = run_command(f"({command}) 2>&1; echo still here > a.txt", FILES)
    assert "Read-only file system" in done.output or "busy" in done.output
    assert unpacked(done.files)["a.txt"] == "still here\n"


@pytest.mark.parametrize("signal", ["STOP", "INT", "KILL", "TERM"])
def test_its_signals_reach_nothing_outside(signal: str) -> None:
    started = time.monotonic()
    done = run_command(f"kill -{signal} 0; kill -{signal} -1", FILES, CommandLimits(seconds=2))
    assert time.monotonic() - started < 20
    assert done.status != 0


def test_whatever_a_command_does_to_its_folder_the_next_one_runs() -> None:
    done = run_command("rm -rf ./* /tmp; exec 1>&- 2>&-; kill -9 $PPID", FILES)
    assert done.status is not None
    assert run_command("echo well", done.files).output == "well\n"


def test_a_file_of_two_names_is_two_files() -> None:
    done = run_command("ln a.txt twin.txt", FILES)
    assert unpacked(done.files)["twin.txt"] == unpacked(done.files)["a.txt"] == "one\n"


def test_a_full_folder_is_told() -> None:
    fill = "for n in $(seq 12); do perl -e 'print q(x) x 900000' > f$n; done"
    full = run_command(fill, FILES)
    assert "No space left" in run_command("cp f1 g", full.files).output


def test_there_is_no_command_without_limits() -> None:
    with pytest.raises(UserError, match="limit seconds is 0; give 1 or more"):
        CommandLimits(seconds=0)


def test_the_filter_holds_for_commands_alone() -> None:
    say("true")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        assert own.fileno() > 0


def test_it_has_no_rights_of_its_own() -> None:
    assert "denied" in say("mount -t tmpfs none /tmp 2>&1")
    assert "No space left" in say("unshare --user --map-root-user --mount echo 2>&1")


def test_the_clock_ends_it_and_nothing_of_it_counts() -> None:
    started = time.monotonic()
    done = run_command("echo x > a.txt; sleep 60", FILES, CommandLimits(seconds=1))
    assert time.monotonic() - started < 30
    assert done.status is None
    assert unpacked(done.files)["a.txt"] == "one\n"


def test_nothing_outlives_it() -> None:
    mark = f"98{os.getpid()}"
    run_command(f"(setsid sleep {mark} &); sleep {mark} & echo started", FILES)
    assert mark not in {word for line in _processes() for word in line.split("\0")}


def _processes() -> Iterator[str]:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield entry.read_text()
        except OSError:
            continue


def test_an_interrupted_one_leaves_nothing_either() -> None:
    mark = f"97{os.getpid()}"

    def interrupt() -> None:
        while not any(mark in line.split("\0") for line in _processes()):
            time.sleep(0.01)
        os.kill(os.getpid(), 2)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    with pytest.raises(KeyboardInterrupt):
        run_command(f"sleep {mark}", FILES)
    waiting.join()
    while any(mark in line.split("\0") for line in _processes()):  # killed, and soon gone
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("command", "limits", "sign"),
    [
        ("while :; do :; done", {"cpu_s": 1}, "Killed"),
        ("head -c 3000000 /dev/urandom > a; cat /usr/bin/* > b; ls -l b", {}, "File size limit"),
        ("for n in $(seq 90); do sleep 1 & done; echo all", {"processes": 16}, "Cannot fork"),
        ("dd if=/dev/null of=/dev/null bs=700M", {}, "memory"),
        ("for n in $(seq 12); do head -c 900000 /usr/bin/* > f$n; done", {}, "No space left"),
    ],
)
def test_limits_hold(command: str, limits: dict[str, int], sign: str) -> None:
    assert sign in say(command, **limits)


def test_endless_output_is_cut_to_its_two_ends() -> None:
    done = run_command("echo first; yes; echo last", FILES, CommandLimits(output_chars=100))
    assert done.is_cut
    assert len(done.output) < 110
    assert done.output.startswith("first\n")


def test_links_and_pipes_that_it_leaves_are_no_files() -> None:
    done = run_command("ln -s /etc/passwd p; mkfifo q; mkdir d; ls", FILES)
    assert unpacked(done.files).keys() == {"a.txt", "deep/b.txt"}


def test_odd_commands_are_commands() -> None:
    assert "not found" in say("a\0b\udc80")
    assert run_command("x" * 1_000_000, FILES).status in (126, 127)


def test_without_namespaces_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UserError, match="no sandbox for commands on this machine"):
        run_command("true", FILES)
    require_sandbox.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/false")
    with pytest.raises(UserError, match="user namespaces"):
        run_command("true", FILES)


def test_without_a_filter_of_calls_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(UserError, match=r"no sandbox .*: there is no filter .* riscv64; it takes"):
        run_command("true", FILES)


def test_a_command_too_long_for_a_process_is_told_and_not_cut() -> None:
    told = run_command(f"echo {'x' * 30_000} > c.txt", FILES)
    assert (told.status, told.files) == (126, FILES)
    assert told.output == "sh: a command of 30,013 characters; at most 30,000 are run\n"
    assert run_command(f"echo {'x' * 29_987} > c.txt", FILES).status == 0
