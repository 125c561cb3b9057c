"""The switch between CPU and GPU."""

import os

import pytest
import torch

from course import device
from course.errors import CourseError


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """Nothing chosen, nothing said yet."""
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    monkeypatch.setattr(device, "_told", set())


def gpus(monkeypatch, count):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)


@pytest.mark.parametrize(("count", "kind"), [(0, "cpu"), (1, "cuda")])
def test_takes_a_gpu_where_there_is_one(monkeypatch, count, kind):
    gpus(monkeypatch, count)
    assert device.get() == torch.device(kind)
    assert device.has_gpu() == bool(count)


@pytest.mark.parametrize(("value", "kind"), [("cpu", "cpu"), (" CPU ", "cpu"), ("cuda:1", "cuda:1"), ("", "cuda")])
def test_the_environment_decides(monkeypatch, value, kind):
    gpus(monkeypatch, 2)
    monkeypatch.setenv("COURSE_DEVICE", value)
    assert device.get() == torch.device(kind)


@pytest.mark.parametrize("value", ["gpu", "cuda", "cuda:0", "cpu:1", "meta", "cuda:x", "a b"])
def test_a_device_that_is_not_here(monkeypatch, value):
    gpus(monkeypatch, 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("COURSE_DEVICE", value)
    with pytest.raises(CourseError) as error:
        device.get()
    message = str(error.value)
    assert repr(value) in message and "set it to cpu, or unset it." in message and "\n" not in message


def test_choices_name_the_gpu(monkeypatch):
    gpus(monkeypatch, 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("COURSE_DEVICE", "cuda:1")
    with pytest.raises(CourseError, match="set it to cpu or cuda"):
        device.get()


def test_size_without_a_gpu_says_so_once(monkeypatch, capsys):
    gpus(monkeypatch, 0)
    assert device.size(512, 8) == 8 and device.size(1024, 16) == 16
    assert capsys.readouterr().out == "No GPU here, so this runs the same code at CPU size: 8 instead of 512.\n"


def test_size_says_so_again_in_another_cell(monkeypatch, capsys):
    gpus(monkeypatch, 0)
    for cell in (1, 1, 2):
        monkeypatch.setattr(device, "_cell", lambda cell=cell: cell)
        device.size(2, 1)
    assert capsys.readouterr().out.count("\n") == 2


def test_size_with_a_gpu_is_silent(monkeypatch, capsys):
    gpus(monkeypatch, 1)
    assert device.size(512, 8) == 512
    assert not capsys.readouterr().out


def test_names_what_computes(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert device.name() == "CPU"
    assert device.describe().startswith("CPU (") and torch.__version__ in device.describe() and "threads" in device.describe()


def test_all_cores_within_and_as_before_after():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with pytest.raises(KeyError), device.all_cores():
            inside = torch.get_num_threads()
            raise KeyError
        assert torch.get_num_threads() == 1
        assert inside == len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else inside >= 1
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("native", [True, False])
def test_half_is_bfloat16_only_where_products_are_made_in_it(monkeypatch, native):
    gpus(monkeypatch, 0)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: native, raising=False)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert device.half() == (torch.bfloat16 if native else torch.float32)
    gpus(monkeypatch, 1)
    assert device.half() == torch.bfloat16


def test_the_clock_waits_for_a_gpu(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waited.append(1))
    gpus(monkeypatch, 0)
    assert device.clock() <= device.clock() and not waited
    gpus(monkeypatch, 1)
    device.clock()
    assert waited == [1]
