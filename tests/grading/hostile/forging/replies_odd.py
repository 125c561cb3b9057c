"""Replies that are signed as they should be and hold lists, numbers and deep nests where words stand.

ours: twice=0 unit=0 stamp=0
rest: any
"""
# %% added
def reply(content, kind="execute_reply"):
    kernel = get_ipython().kernel
    parent = kernel.get_parent("shell")
    for name, socket in (("shell", kernel.shell_stream), ("iopub", kernel.iopub_socket)):
        try:
            kernel.session.send(socket, kind, content, parent=parent, ident=kernel._parent_ident.get("shell") if name == "shell" else kind.encode())
        except Exception as error:
            print(error)

deep = []
for _ in range(200):
    deep = [deep]
# %% solution twice
def twice(x):
    reply(["ok"])
    return x
# %% solution unit
def unit(v):
    reply({"status": "error", "ename": deep, "evalue": {"a": deep}, "traceback": [deep, 7, None, "\ud800"]})
    for kind in ("stream", "error", "display_data", "status"):
        for content in ([], 7, None, {"name": [], "text": 7, "data": [], "traceback": 7, "execution_state": []}, {"data": {"text/plain": [1], "image/png": {}}}, {"ename": deep, "evalue": 7, "traceback": ["\ud800"]}):
            reply(content, kind)
    return v
# %% solution stamp
def stamp(text):
    reply(None)
    reply(7)
    return text
