import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from made_dialogues import dialogues, manifest

from colloquia.core.atomic_folder import atomic_folder, require_room
from colloquia.core.errors import UserError, WorldError
from colloquia.corpus.export import export

# Kills one forked export after another with SIGKILL, each at a later one of the system calls that
# Python announces to audit hooks (open, mkdir, rename, remove, …), and looks at what is left.
KILLER = """
import os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from made_dialogues import dialogues, manifest
from colloquia.corpus.check import check
from colloquia.corpus.export import export
from colloquia.corpus.formats import FORMATS

FOLDER, POINTS = Path(sys.argv[2]), int(sys.argv[3])
TOUCHING = ("open", "os.", "shutil.", "sqlite3.", "tempfile.", "fcntl.")
CALLS = 0
DEADLY = 0

def hook(event, args):
    global CALLS
    if event.startswith(TOUCHING):
        CALLS += 1
        if CALLS == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)

def make(out):
    split = {"train": 0.5, "validation": 0.5}
    export(dialogues(4), manifest=manifest(), to=FORMATS, out=out, split=split)

make(FOLDER / "warm")  # imports and caches are out of the way
sys.addaudithook(hook)
CALLS = 0
make(FOLDER / "count")
total, whole, gone = CALLS, 0, 0
assert total > POINTS, total
for point in range(POINTS):
    out = FOLDER / f"out{point}"
    child = os.fork()
    if not child:
        CALLS, DEADLY = 0, 1 + point * (total - 1) // (POINTS - 1)
        make(out)
        os._exit(9)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
    if out.exists():
        assert check(out, load=False).ok
        whole += 1
        continue
    gone += 1
    make(out)
    assert check(out, load=False).ok
    assert not list(FOLDER.glob(f".out{point}.*")), "leftovers of the dead export"
print(total, whole, gone)
"""


def test_a_killed_export_is_whole_or_gone_at_50_points(tmp_path: Path) -> None:
    support = Path(__file__).parents[1] / "support"
    done = subprocess.run(
        [sys.executable, "-c", KILLER, support, tmp_path, "50"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _, whole, gone = map(int, done.stdout.split())
    assert whole + gone == 50
    assert whole and gone  # points before and after the rename were hit


def test_what_another_export_is_building_is_not_taken_for_a_leftover(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "out") as first:
        (first / "file").touch()
        with pytest.raises(KeyError), atomic_folder(tmp_path / "out") as second:
            raise KeyError(second)
        assert first != second
    assert (tmp_path / "out/file").exists()


def test_the_slower_of_two_exports_to_one_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="exists already"), atomic_folder(tmp_path / "out"):
        export(
            dialogues(2),
            manifest=manifest(),
            to=["trl-sft"],
            out=tmp_path / "out",
            split={"train": 1.0},
        )
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out/manifest.json").exists()


def test_a_full_disk_leaves_nothing_and_is_the_worlds_fault(tmp_path: Path) -> None:
    with (
        pytest.raises(WorldError, match="No space left on device; nothing was left there"),
        atomic_folder(tmp_path / "out"),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("most_bytes", [100, 30_000, 200_000])
def test_a_file_that_can_not_grow_leaves_nothing(tmp_path: Path, most_bytes: int) -> None:
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from made_dialogues import dialogues, manifest\n"
        "from colloquia.corpus.export import export\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)\n"
        "try:\n"
        "    export(dialogues(200), manifest=manifest(), to=['canonical', 'trl-sft'],\n"
        "           out=Path(sys.argv[2]) / 'out', split={'train': 1.0})\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    support = Path(__file__).parents[1] / "support"
    done = subprocess.run(
        [sys.executable, "-c", program, support, tmp_path, str(most_bytes)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("WorldError writing "), done
    assert list(tmp_path.iterdir()) == []


def test_names_with_patterns_in_them_clean_up_after_themselves_alone(tmp_path: Path) -> None:
    (tmp_path / ".abc.partial-1").mkdir()
    with atomic_folder(tmp_path / "[a]*"):
        pass
    assert (tmp_path / ".abc.partial-1").exists()


def test_looking_for_room_leaves_nothing(tmp_path: Path) -> None:
    require_room(tmp_path / "new/out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_on_the_way_is_a_wrong_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file/out", tmp_path / "file/new/out"):
        with pytest.raises(UserError, match="/file is a file; name a new folder in an existing"):
            require_room(place)
        with pytest.raises(UserError, match="/file is a file"), atomic_folder(place):
            pass
    with pytest.raises(UserError, match="File name too long"):
        require_room(tmp_path / ("x" * 300))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.ENOENT])
def test_a_folder_that_may_not_be_written_is_the_worlds_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(**_: object) -> str:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    told = f"out can't be made: {os.strerror(number)}; choose another folder"
    with pytest.raises(WorldError, match=told):
        require_room(tmp_path / "out")
    with pytest.raises(WorldError, match=told), atomic_folder(tmp_path / "out"):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_place_where_even_root_makes_no_folder() -> None:
    with pytest.raises(WorldError, match="/proc/out can't be made"):
        require_room(Path("/proc/out"))
