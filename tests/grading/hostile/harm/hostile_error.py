"""Errors whose __str__ loops, whose class lies about its name, whose rendering shows what it likes.

ours: twice=0 stamp=0 root=0
rest: any
"""
# %% solution twice
class Worst(Exception):
    def __str__(self):
        raise self
    __repr__ = __str__

def twice(x):
    raise Worst
# %% solution stamp
class Shown(Exception):
    def _render_traceback_(self):
        return ["<script>document.title = 'secret-shown'</script>", "\x1b]0;owned\x07"] * 100_000
    def __str__(self):
        return "<img src=x onerror=alert(1)>"

def stamp(text):
    raise Shown
# %% solution root
class Meta(type):
    def mro(cls):
        return [*super().mro()]
    def __getattribute__(cls, name):
        raise SystemError(name)

def root(x):
    raise Meta("ValueErro", (ValueError,), {})()
