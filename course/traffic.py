"""What a process sends to the others: each collective and message, counted with its bytes, however it was called.

PyTorch hands every operation of torch.distributed to its dispatcher under the name space c10d: in-place or not, asynchronous,
inside a backward pass, or out of DistributedDataParallel's own C++. A dispatch mode sees them all, so nothing need be patched.
"""

from collections import Counter

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_SPACES = ("c10d", "_c10d_functional")  # the second is that of torch.distributed._functional_collectives
_NAMES = {  # by how the dispatcher's names begin, without their underscores
    "allreduce": "all_reduce",
    "allgather": "all_gather",
    "alltoall": "all_to_all",
    "reducescatter": "reduce_scatter",
    "broadcast": "broadcast",
    "reduce": "reduce",
    "scatter": "scatter",
    "gather": "gather",
    "send": "send",
    "recv": "recv",
    "barrier": "barrier",
}


class Traffic(TorchDispatchMode):
    """Inside `with Traffic() as traffic:`, what this process gives to torch.distributed.

    log: (operation, bytes) in order, as ("all_reduce", 4096): bytes of the tensors that this rank hands over (for recv, and for
    scatter away from its source: that it takes). calls and bytes: Counters of the same by operation. barrier moves 0 bytes.
    """

    def __init__(self):
        super().__init__()
        self.log: list[tuple[str, int]] = []

    @property
    def calls(self) -> Counter:
        """How often each operation was called."""
        return Counter(name for name, _ in self.log)

    @property
    def bytes(self) -> Counter:
        """How many bytes were handed to each operation, all its calls together."""
        total = Counter()
        for name, size in self.log:
            total[name] += size
        return total

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: to keep the compiler away is to import it, seconds in each process, and nothing here is compiled."""
        return False

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.namespace in _SPACES and (entry := _entry(function, args)):
            self.log.append(entry)
        return function(*args, **(kwargs or {}))


def _entry(function, args):
    """The name that torch.distributed has for an operation, and the bytes of what goes in; None for what sends nothing."""
    raw = function._schema.name.partition("::")[2].replace("_", "")
    name = next((_NAMES[start] for start in _NAMES if raw.startswith(start)), raw if function.namespace == "c10d" else None)
    if name is None:  # a functional collective's wait_tensor, or what wraps its result
        return None
    given = [sizes for sizes in map(_sizes, args) if sizes]  # the results' tensors come first where an operation has both
    return name, 0 if name == "barrier" or not given else sum(given[-1])


def _sizes(x):
    """The bytes of each tensor in x, which may be a list of lists of them."""
    if isinstance(x, torch.Tensor):
        return [x.numel() * x.element_size()]
    return [size for one in x for size in _sizes(one)] if isinstance(x, (list, tuple)) else []
