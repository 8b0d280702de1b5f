from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from pipeline.embedded import births


def test_a_process_is_born_once() -> None:
    assert births.born(os.getpid()) == births.born(os.getpid()) is not None


def test_two_processes_are_told_apart_even_if_one_got_the_number_of_the_other() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert births.born(child.pid) != births.born(os.getpid())
        child.communicate(b"\n")


def test_what_has_ended_was_not_born_even_before_it_is_forgotten() -> None:
    child = subprocess.Popen([sys.executable, "-S", "-c", "print()"], stdout=subprocess.PIPE)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert births.born(child.pid) is None

    child.communicate()
    assert births.born(child.pid) is None


@pytest.mark.skipif(shutil.which("ps") is None, reason="this machine has no ps, and needs none")
def test_where_there_is_no_proc_ps_tells_the_same() -> None:
    assert births._by_ps(os.getpid()) == births._by_ps(os.getpid()) is not None
    assert births._by_ps(2**22 + 1) is None
