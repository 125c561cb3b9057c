"""A submission with a bit of everything, made up for looking at its feedback page."""

import base64
import io
import json

import matplotlib
import matplotlib.pyplot as plt

from course import syllabus
from course.grading.result import CheckResult, ExerciseResult, Result
from course.grading.result import TestResult as GradedCell

CODE = {
    "numerical-gradient": '''def numerical_gradient(f, x, h=1e-6):
    """The slope of f at x by central differences, entry by entry."""
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x).view(-1)
        step[i] = h  # one entry at a time
        step = step.view_as(x)
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad''',
    "log-softmax": '''def log_softmax(logits):
    """Log-probabilities over the last axis, in nats."""
    return logits - logits.exp().sum(-1, keepdim=True).log()


def cross_entropy(logits, targets):
    """The mean surprise at the right answers."""
    rows = torch.arange(len(targets))
    return -log_softmax(logits)[rows, targets].sum()''',
    "value-mlp": '''class Neuron:
    """A weighted sum and a bias, with tanh where `nonlinear`."""

    def __init__(self, inputs, nonlinear=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Value(0.0)
        self.nonlinear = nonlinear

    def __call__(self, x):
        out = sum((w * value for w, value in zip(self.w, x)), self.b)
        return out.tanh() if self.nonlinear else out


class Layer:
    def __init__(self, inputs, outputs, **options):
        self.neurons = [Neuron(inputs, **options) for _ in range(outputs)]

    def __call__(self, x):
        return [neuron(x[0]) for neuron in self.neurons]''',
}
STUB = '''def batchnorm(x, gain, bias, mean, var, training, momentum=0.1, eps=1e-5):
    """Normalize each feature over the batch, x: (B, D); in training, update the running statistics in place."""
    # YOUR CODE HERE
    raise NotImplementedError("batchnorm is not written yet")'''
HELD = [CheckResult("Is the step small?", True), CheckResult("Is it right on a sum?", True), CheckResult("Edge", True, "", True)]


def figure() -> str:
    """A small plot as PNG in base64."""
    with matplotlib.rc_context({"backend": "Agg"}):
        drawn, ax = plt.subplots(figsize=(5.6, 3))
        ax.plot([3.3, 2.9, 2.6, 2.45, 2.38, 2.33, 2.31, 2.3])
        ax.set(xlabel="step (hundreds)", ylabel="loss (nats per letter)", title="The network learns")
        file = io.BytesIO()
        drawn.savefig(file, dpi=110, bbox_inches="tight")
        plt.close(drawn)
    return base64.b64encode(file.getvalue()).decode()


def failed(name, score=0.0, points=2.0, title="", checks=(), **more):
    return GradedCell(name, title, points, score, list(checks), **more)


def sample() -> Result:
    """All states, hidden checks, repairs, notes, errors, and outputs of every kind."""
    phase = next(one for one in syllabus.load().phases if one.name == "foundations")
    result = Result("foundations", points=phase.points)
    for plan in phase.exercises:
        tests = [
            GradedCell(
                f"{plan.name}-test",
                f"{plan.title}, on numbers that can be checked by hand.",
                plan.points / 2,
                plan.points / 2,
                HELD,
            ),
            GradedCell(f"{plan.name}-test-edges", "The same at the edges.", plan.points / 2, plan.points / 2, HELD[:2]),
        ]
        source = CODE.get(plan.name, CODE["numerical-gradient"].replace("numerical_gradient", plan.name.replace("-", "_")))
        result.exercises.append(ExerciseResult(plan.name, plan.title, plan.points, plan.points, "passed", source, tests))
    by_name = {one.name: one for one in result.exercises}

    def change(name, state, tests, **more):
        one = by_name[name]
        one.state, one.tests, one.score = state, tests, sum(test.score for test in tests)
        for key, value in more.items():
            setattr(one, key, value)

    change(
        "log-softmax",
        "partly",
        [
            failed("log-softmax-test", 4, 4, "Log-probabilities agree with PyTorch's own.", HELD),
            failed(
                "log-softmax-test-ce",
                0,
                4,
                "Cross-entropy is the mean surprise.",
                [
                    HELD[0],
                    CheckResult(
                        "Is it the mean over the examples, or their sum?",
                        False,
                        "Is it the mean over the examples, or their sum?\n  expected: 1.38629\n  got: 5.54518",
                    ),
                    CheckResult("Large scores overflow: is the row's maximum taken off before exp?", False, "", True),
                    CheckResult("Large scores overflow: is the row's maximum taken off before exp?", False, "", True),
                ],
            ),
        ],
    )
    change(
        "value-mlp",
        "failed",
        [
            failed(
                "value-mlp-test",
                0,
                6,
                "A layer maps a list of inputs to a list of outputs, whatever their number, and every neuron sees all of them.",
                [
                    CheckResult(
                        "Does every neuron see the whole list of inputs?",
                        False,
                        "Does every neuron see the whole list of inputs?\n"
                        "  Your code raised TypeError: 'Value' object is not iterable",
                    )
                ],
            )
        ],
        where="line 19, in Layer.__call__\n    return [neuron(x[0]) for neuron in self.neurons]\nline 10, in Neuron.__call__\n"
        "    out = sum((w * value for w, value in zip(self.w, x)), self.b)\nTypeError: 'Value' object is not iterable",
    )
    by_name["train-moons"].on_reference = ["value-mlp"]
    change(
        "batchnorm",
        "unwritten",
        [
            failed(
                "batchnorm-test",
                0,
                7,
                "Agrees with torch.nn.BatchNorm1d.",
                [CheckResult("Mean?", False, "batchnorm is not written yet")],
            )
        ],
        source=STUB,
    )
    change(
        "manual-backprop",
        "stopped",
        [failed("manual-backprop-test", 0, 8, "Every gradient agrees with autograd's.", stopped="It was stopped after 60 s.")],
        reason="This exercise ran longer than 60 seconds and was stopped: is there a loop that never ends?",
        on_reference=["batchnorm", "value-mlp"],
    )
    shape = "Is there one gradient for each input?\n  expected: shape (2, 3, 4)\n  got: shape (3, 4)"
    change(
        "unbroadcast",
        "partly",
        [
            failed(
                "unbroadcast-test", 2, 3, "The gradient has the input's shape.", [HELD[0], CheckResult(shape[:37], False, shape)]
            ),
            failed("unbroadcast-test-keep", 3, 3, "Axes of length one stay.", HELD),
        ],
    )
    result.score = sum(one.score for one in result.exercises)
    result.repairs = [
        "'foundations (1).ipynb' was graded as foundations.ipynb.",
        "There are 2 cells for 'bigram': the last one that was written in was graded.",
        "These cells were changed; the course's own were run in their place: log-softmax-test, bigram-test-loss.",
        "Cells of your own (3) were run where they stood, and are not scored.",
    ]
    result.notes = ["Graded on two CPU cores; no point depends on a GPU."]
    table = (
        "<style scoped>th {color: red}</style><table border=1 class='dataframe'><thead><tr><th></th><th>letters</th>"
        "<th>count</th><th>share</th></tr></thead><tbody><tr><th>0</th><td>n·</td><td>6,763</td><td>0.030</td></tr>"
        "<tr><th>1</th><td>a·</td><td>6,640</td><td>0.029</td></tr><tr><th>2</th><td>an</td><td>5,438</td><td>0.024</td></tr></tbody></table>"
    )
    trace = [
        "\x1b[31m---------------------------------------------------------------------------\x1b[39m",
        "\x1b[31mTypeError\x1b[39m                                 Traceback (most recent call last)",
        "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[14]\x1b[39m\x1b[32m, line 2\x1b[39m"
        "\n\x1b[32m      1\x1b[39m layer = Layer(2, "
        "\x1b[32m3\x1b[39m)\n\x1b[32m----> \x1b[39m\x1b[32m2\x1b[39m layer([Value(1.0), Value(2.0)])",
        "\x1b[31mTypeError\x1b[39m: 'Value' object is not iterable",
    ]
    result.outputs = {
        "value-mlp": [{"output_type": "error", "ename": "TypeError", "evalue": "", "traceback": trace}],
        "bigram": [{"output_type": "execute_result", "data": {"text/html": table, "text/plain": "…"}, "metadata": {}}],
        "mlp-lm": [
            {
                "output_type": "stream",
                "name": "stderr",
                "text": " 10%|█         | 80/800\r100%|██████████| 800/800 [00:07<00:00, 103.2it/s]\n",
            },
            {"output_type": "stream", "name": "stdout", "text": "loss 2.30\nanna\nmarielle\njovan\n"},
        ],
        "added-1": [{"output_type": "display_data", "data": {"image/png": figure(), "text/plain": "<Figure>"}, "metadata": {}}],
    }
    cells = [{"id": one.name, "metadata": {}, "source": one.source} for one in result.exercises]
    place = 1 + next(i for i, cell in enumerate(cells) if cell["id"] == "mlp-lm")
    cells.insert(place, {"id": "added-1", "metadata": {}, "source": "plot.curve(losses, 'loss (nats per letter)')"})
    result.notebook = json.dumps({"cells": cells})
    return result
