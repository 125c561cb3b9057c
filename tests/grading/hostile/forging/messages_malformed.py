"""Sends what is no message at all on every socket that the kernel has, in all sizes.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    kernel = get_ipython().kernel
    for socket in (kernel.iopub_socket, kernel.shell_stream, kernel.control_stream):
        for parts in ([b""], [b"<IDS|MSG>"], [b"x", b"<IDS|MSG>"], [b"", b"<IDS|MSG>", b""], [b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"], [b"<IDS|MSG>"] * 9, [b"\xff" * 1000] * 50):
            for start in ([], [kernel._parent_ident.get("shell", [b""])[0]] if hasattr(kernel, "_parent_ident") else []):
                try:
                    socket.send_multipart([*start, *parts])
                except Exception as error:
                    print(error)
    return x
