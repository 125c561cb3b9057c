"""What is drawn or asked at once, and again when somebody moves a slider or presses a button."""

from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import pytest  # noqa: E402

from course import plot, widgets  # noqa: E402


def test_a_slider_draws_its_start_and_again_when_moved():
    drawn = []

    def draw(rank):
        drawn.append(rank)
        return plot.bars(["a"], [rank])

    control = widgets.slider(draw, rank=[1, 2, 4], start=2).children[0]
    control.value = 2
    assert drawn == [2, 4] and not plt.get_fignums()


def test_a_slider_takes_one_list():
    with pytest.raises(ValueError, match="one list"):
        widgets.slider(print, a=[1], b=[2])


def test_long_names_make_a_menu():
    box = widgets.sliders(lambda name: plot.bars([name], [1.0]), name=["a name that a slider would cut", "b"])
    assert type(box.children[0]).__name__ == "Dropdown" and box.children[0].value == 0


def test_sliders_draw_their_start_and_again_when_one_is_moved():
    drawn = []

    def draw(top_k, top_p):
        drawn.append((top_k, top_p))
        return plot.bars(["a"], [top_p])

    box = widgets.sliders(draw, top_k=iter([1, 5, None]), top_p=[0.5, 1.0], start={"top_p": 1.0})
    first, second, _ = box.children
    second.value = 0
    first.value = 2
    assert [first.description, second.description] == ["top_k", "top_p"]
    assert drawn == [(1, 1.0), (1, 0.5), (None, 0.5)] and not plt.get_fignums()


def test_sliders_start_with_what_they_have():
    with pytest.raises(ValueError, match="start names c"):
        widgets.sliders(print, a=[1], start={"c": 1})


def test_a_live_figure_is_drawn_in_one_place_and_not_too_often(monkeypatch):
    seen, clock = [], iter([0.0, 1.0, 5.0, 5.0, 6.0])
    monkeypatch.setattr(widgets.DisplayHandle, "display", lambda self, figure: seen.append("new"))
    monkeypatch.setattr(widgets.DisplayHandle, "update", lambda self, figure: seen.append("again"))
    monkeypatch.setattr(widgets, "time", SimpleNamespace(monotonic=lambda: next(clock)))  # other threads read the real one
    show = widgets.live(lambda: plot.bars(["a"], [1]), every_s=3)
    show()  # at 0 s
    show()  # at 1 s: too early
    show()  # at 5 s
    show(now=True)  # at 6 s
    assert seen == ["new", "again", "again"] and not plt.get_fignums()


def test_a_chat_box_answers_at_once_and_again_when_asked(capsys):
    asked = []

    def reply(question):
        asked.append(question)
        yield from ("one ", "two")

    box, button, _ = widgets.chat_box(reply, "Why?").children
    assert capsys.readouterr().out == "> Why?\n\none two\n"
    box.value = " How? "
    button.click()
    assert asked == ["Why?", "How?"] and capsys.readouterr().out.endswith("> How?\n\none two\n") and not button.disabled


def test_a_chat_box_can_be_asked_again_after_an_error():
    fine = True

    def reply(question):
        yield "so far"
        if not fine:
            raise RuntimeError("no")

    _, button, _ = widgets.chat_box(reply).children
    fine = False
    button.click()
    assert not button.disabled


def test_a_timed_chat_box_says_how_long_its_pieces_took(monkeypatch, capsys):
    now = iter([10.0, 10.25, 10.3, 10.35, 20.0, 20.5])
    monkeypatch.setattr(widgets, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    told = ["one ", "two ", "three"]
    box = widgets.chat_box(lambda question: iter(told), timed=True)
    assert capsys.readouterr().out.endswith("one two three\n\n[first piece after 250 ms, then 50.0 ms a piece: 3 in 0.35 s]\n")
    _, button, pace, _ = box.children
    assert pace.value.startswith("first piece after 250 ms, then 50.0 ms")
    told[1:] = []
    button.click()
    assert pace.value == "first piece after 500 ms: 1 in 0.50 s"
    told.clear()
    monkeypatch.setattr(widgets, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    button.click()
    assert capsys.readouterr().out.endswith("> What is the capital of France?\n\n\n")
