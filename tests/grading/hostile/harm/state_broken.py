"""Default dtype, device, seed, grad mode, printing and the environment are all changed for whoever comes next.

ours: full
"""
# %% added
import os, random
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
torch.set_grad_enabled(False)
torch.set_printoptions(precision=0, threshold=0)
torch.set_num_threads(1)
os.environ["HOME"] = os.environ["TMPDIR"] = "/nowhere"
