"""Triton on a machine without a GPU: made ready in whatever order, watched, and missed with a reason."""

import importlib
import importlib.util

import pytest
import torch

from course import device, kernels
from course.errors import CourseError

needs_triton = pytest.mark.skipif(not kernels.here(), reason="Triton is not made for this system")
interpreter = pytest.mark.skipif(device.has_gpu(), reason="kernels are compiled here")


@pytest.fixture
def sums(monkeypatch):
    """A kernel that writes each row's sum, and the tensors that it is launched with."""
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    importlib.import_module("triton")  # before it is made ready, as transformers does

    triton, tl = kernels.load()
    globals()["tl"] = tl

    @triton.jit
    def kernel(x, out, n, past, N: tl.constexpr):
        place = tl.arange(0, N)
        row = tl.load(x + tl.program_id(0) * n + place, mask=place < n + past, other=0.0)
        tl.store(out + tl.program_id(0), tl.sum(row, 0))

    return kernel, torch.arange(12.0).view(3, 4), torch.empty(3)


@needs_triton
@interpreter
def test_functions_of_tritons_own_are_interpreted_though_it_was_imported_before(sums):
    kernel, x, out = sums
    kernel[(3,)](x, out, 4, 0, N=8)
    assert out.tolist() == [6, 22, 38]


@needs_triton
@interpreter
@pytest.mark.parametrize("grid", [(3,), lambda meta: (3 if meta["N"] == 8 else 1,)])
def test_launches_and_programs_are_counted_and_the_result_comes_back(sums, grid):
    kernel, x, out = sums
    with kernels.watched(kernel) as log:
        kernel[grid](x, out, 4, 0, N=8)
        kernel[grid](x, out=out, n=4, past=0, N=8)
    assert (log.launches, log.programs, log.outside) == (2, 6, 0)
    assert out.tolist() == [6, 22, 38]
    kernel[(3,)](x, out.zero_(), 4, 0, N=8)
    assert log.launches == 2 and out.tolist() == [6, 22, 38]


@needs_triton
@interpreter
@pytest.mark.parametrize("works", [True, False])
def test_a_grid_may_ask_for_what_heuristics_and_defaults_set(sums, works):
    import triton

    @triton.heuristics({"N": lambda given: triton.next_power_of_2(given["n"])})
    @triton.jit
    def kernel(x, out, n, N: tl.constexpr, rows: tl.constexpr = 3):  # noqa: F821 (tl is the fixture's)
        place = tl.arange(0, N)  # noqa: F821
        row = tl.load(x + tl.program_id(0) * n + place, mask=place < n, other=0.0)  # noqa: F821
        tl.store(out + tl.program_id(0), tl.sum(row, 0))  # noqa: F821

    _, x, out = sums
    with kernels.watched(kernel, works) as log:
        kernel[lambda given: (given["rows"] * given["N"] // 4,)](x, out.fill_(-1), 4)
    assert (log.launches, log.programs) == (1, 3)
    assert out.tolist() == ([6, 22, 38] if works else [-1, -1, -1])


@needs_triton
@interpreter
def test_what_is_read_outside_is_nan_and_what_is_written_is_counted(sums):
    kernel, x, out = sums
    with kernels.watched(kernel) as log:
        kernel[(3,)](x, out, 4, 1, N=8)
        assert out.isnan().tolist() == [False, False, True]
        kernel[(5,)](x, out, 4, 0, N=8)
    assert log.outside == 0  # two programs too many read NaN, and write what they read: it stays NaN
    with kernels.watched(kernel) as log:
        kernel[(3,)](x, out[:2], 2, 0, N=8)
        kernel[(4,)](x, out, 2, 0, N=8)
    assert log.outside == 1 and x.tolist() == torch.arange(12.0).view(3, 4).tolist()


@needs_triton
@interpreter
def test_strides_are_kept_amid_nans(sums):
    kernel, x, _ = sums
    wide = torch.zeros(3, 5)
    with kernels.watched(kernel):
        kernel[(3,)](x.t().contiguous().t(), wide[1], 4, 0, N=8)
    assert wide[1, :3].tolist() == [0 + 4 + 8 + 1, 5 + 9 + 2 + 6, 10 + 3 + 7 + 11] and not wide[[0, 2]].any()


@needs_triton
@interpreter
def test_a_kernel_that_does_nothing(sums):
    kernel, x, out = sums
    with kernels.watched(kernel, works=False) as log:
        kernel[(3,)](x, out.fill_(-1), 4, 0, N=8)
    assert (log.launches, log.programs) == (1, 3) and out.tolist() == [-1, -1, -1]


def test_what_is_no_kernel_is_said_to_be_none():
    with pytest.raises(CourseError, match="@triton.jit"), kernels.watched(len):
        pass


def test_without_triton_kernels_can_be_written_and_say_why_they_do_not_run(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    triton, tl = kernels.load()

    @triton.jit
    def kernel(x, N: tl.constexpr): ...

    @triton.jit(noinline=True)
    def other(x): ...

    assert triton.cdiv(7, 2) == 4 and triton.next_power_of_2(5) == 8
    for one in (kernel, other):
        with pytest.raises(NotImplementedError, match="Linux"), kernels.watched(one):
            one[(1,)](1)
    with pytest.raises(NotImplementedError, match="Linux"):
        kernel(1)


def test_what_pytorch_computes_beside():
    a = torch.ones(3, 4)
    with kernels.Beside() as beside:
        a.contiguous().expand(2, 3, 4).clone() + 1
    assert (beside.products, beside.largest) == (0, 24)
    with kernels.Beside() as beside:
        torch.einsum("ij,kj->ik", a, a).softmax(-1)
        torch.nn.functional.scaled_dot_product_attention(a[None], a[None], a[None])
    assert beside.products >= 3
