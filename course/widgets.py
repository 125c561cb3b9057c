"""Sliders over figures. Each draws once by itself, so a page without a browser shows the default; nothing here is graded."""

import ipywidgets
import matplotlib.pyplot as plt


def slider(draw, start=None, **values):
    """Draw a figure again as a slider moves: `slider(draw, rank=[1, 2, 4, 8], start=4)` calls `draw(rank=4)` first.

    draw: takes the one keyword, returns Axes; start: one of the values, by default the first. Returns the widget to show.
    """
    if len(values) != 1:
        raise ValueError(f"slider takes one list of values, and got {len(values)}: {', '.join(values)}")
    [(name, options)] = values.items()
    options = list(options)
    control = ipywidgets.SelectionSlider(
        options=options, value=options[0] if start is None else start, description=name, continuous_update=False
    )
    output = ipywidgets.Output()

    def show(change=None):
        output.clear_output(wait=True)
        with output:
            figure = draw(**{name: control.value}).figure
            plt.show()
            plt.close(figure)

    control.observe(show, names="value")
    show()
    return ipywidgets.VBox([control, output])
