"""Sliders over figures, a figure that follows a long run, a box to chat in.

Each shows something by itself, so that a page without a browser has it too; nothing here is graded.
"""

import time
from functools import partial

import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import DisplayHandle


def slider(draw, start=None, **values):
    """Draw a figure again as a slider moves: `slider(draw, rank=[1, 2, 4, 8], start=4)` calls `draw(rank=4)` first.

    draw: takes the one keyword, returns Axes; start: one of the values, by default the first. Returns the widget to show.
    """
    if len(values) != 1:
        raise ValueError(f"slider takes one list of values, and got {len(values)}: {', '.join(values)}")
    [name] = values
    return sliders(draw, start=None if start is None else {name: start}, **values)


def sliders(draw, start=None, **values):
    """Draw a figure again as any of several sliders moves: `sliders(draw, top_k=[1, 5, None], top_p=[0.5, 1.0])`.

    draw: takes all the keywords, returns Axes; values: a list for each (where one has long names, a menu stands for the slider);
    start: a dict of the values to begin with, by default the first of each list. Returns the widget to show.
    """
    values = {name: list(options) for name, options in values.items()}
    chosen = {name: options[0] for name, options in values.items()} | (start or {})
    if unknown := sorted(chosen.keys() - values.keys()):
        raise ValueError(f"start names {', '.join(unknown)}, and the sliders are {', '.join(values)}")
    controls = {name: _control(name, options, options.index(chosen[name])) for name, options in values.items()}
    output = ipywidgets.Output()

    def show(change=None):
        output.clear_output(wait=True)
        with output:
            figure = draw(**{name: values[name][control.value] for name, control in controls.items()}).figure
            plt.show()
            plt.close(figure)

    for control in controls.values():
        control.observe(show, names="value")
    show()
    return ipywidgets.VBox([*controls.values(), output])


def _control(name, options, place):
    """A slider over the options' places (it could not hold None), or a menu where a slider has no room for their names."""
    long = max(len(str(option)) for option in options) > 12
    kind = ipywidgets.Dropdown if long else partial(ipywidgets.SelectionSlider, continuous_update=False)
    named = [(str(option), place) for place, option in enumerate(options)]
    return kind(options=named, value=place, description=name, style={"description_width": "7em"}, layout={"width": "26em"})


def live(draw, every_s=5.0):
    """A figure that follows a long run: each call of what this returns draws it anew in its place, every few seconds at most.

    draw: takes nothing, returns Axes. The returned function takes now=True to draw in any case; call it so at the end.
    """
    handle, last = DisplayHandle(), None

    def show(now=False):
        nonlocal last
        if now or last is None or time.monotonic() - last >= every_s:
            figure = draw().figure
            plt.close(figure)
            handle.display(figure) if last is None else handle.update(figure)
            last = time.monotonic()

    return show


def chat_box(reply, question="What is the capital of France?", timed=False):
    """Ask a model and watch it answer: a text box, a button, and the reply, which grows piece by piece.

    reply: takes the question, yields pieces of text until the answer ends. `question` is asked at once, in plain print, so a page
    without a browser shows one answer. timed: show how long the first piece took, and those after it, while the answer grows and
    below it. Returns the widget to show.
    """
    box = ipywidgets.Textarea(value=question, rows=2, layout={"width": "36em"})
    button, pace, output = ipywidgets.Button(description="Ask"), ipywidgets.Label(), ipywidgets.Output()

    def answer():
        print(f"> {box.value.strip()}\n")
        start, times = time.perf_counter(), []
        for piece in reply(box.value.strip()):
            times.append(time.perf_counter() - start)
            print(piece, end="", flush=True)
            if timed:
                pace.value = _pace(times)
        print()
        if timed and times:
            print(f"\n[{_pace(times)}]")

    def asked(_):
        button.disabled = True
        output.clear_output()
        try:
            with output:
                answer()
        finally:
            button.disabled = False

    button.on_click(asked)
    answer()
    return ipywidgets.VBox([box, button, *[pace] * timed, output])


def _pace(times):
    """In words: seconds since the question at which each piece came."""
    more = f", then {1000 * (times[-1] - times[0]) / (len(times) - 1):.1f} ms a piece" if len(times) > 1 else ""
    return f"first piece after {1000 * times[0]:.0f} ms{more}: {len(times)} in {times[-1]:.2f} s"
