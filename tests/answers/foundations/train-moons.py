"""Answers to exercise 7, train-moons: full-batch gradient descent."""

# %% right: each point walks back by itself, the grads add up
def train(model, X, y, steps, lr):
    losses = []
    for _ in range(steps):
        model.zero_grad()
        total = 0.0
        for x, target in zip(X, y):
            loss = (1 + (model(x)[0] * -target).exp()).log() / len(X)
            loss.backward()
            total += loss.data
        for p in model.parameters():
            p.data = p.data - lr * p.grad
        losses.append(total)
    return losses

# %% right: softplus that cannot overflow, by relu; the parameters listed once; cleared at the end of each step
def train(model, X, y, steps, lr):
    parameters, losses = list(model.parameters()), []
    for k in range(steps):
        margins = [-target * model(x)[0] for x, target in zip(X, y)]
        points = [m.relu() + (1 + (-(m.relu() + (-m).relu())).exp()).log() for m in margins]
        loss = sum(points, Value(0.0)) * (1 / len(points))
        loss.backward()
        for p in parameters:
            p.data += -lr * p.grad
        losses.append(loss.data)
        model.zero_grad()
    return losses

# %% right: minus the logarithm of the sigmoid, in one function for the loss and one for the step
def mean_loss(model, X, y):
    total = Value(0)
    for i in range(len(X)):
        out = model(X[i])
        score = out[0] if isinstance(out, list) else out
        total = total - (1 / (1 + (-(score * y[i])).exp())).log()
    return total / len(X)


def descend(model, lr):
    for p in model.parameters():
        p.data -= lr * p.grad


def train(model, X, y, steps, lr):
    history = []
    while len(history) < steps:
        for p in model.parameters():
            p.grad = 0.0
        loss = mean_loss(model, X, y)
        loss.backward()
        history.append(float(loss.data))
        descend(model, lr)
    return history

# %% right: the slope of the loss at the score by hand, only the network by backward
def train(model, X, y, steps, lr):
    n, losses = len(X), [0.0] * steps
    for k in range(steps):
        model.zero_grad()
        scores = [model(x)[0] for x in X]
        pulled = Value(0.0)
        for score, target in zip(scores, y):
            margin = target * score.data
            losses[k] += math.log1p(math.exp(-margin)) / n
            pulled = pulled + score * (-target / (1 + math.exp(margin)) / n)
        pulled.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
    return losses

# %% right: numpy for the data, the sum as a tree
import numpy as np


def tree(values):
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return tree(values[:half]) + tree(values[half:])


def train(model, X, y, steps, lr):
    data, labels, losses = np.array(X), np.array(y), []
    for step in range(steps):
        scores = [model([float(v) for v in row])[0] for row in data]
        loss = tree([(1 + (-float(t) * s).exp()).log() for s, t in zip(scores, labels)]) / len(data)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: forgets zero_grad | hint: cleared
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: clears the grads after the walk back, before the step
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        loss.backward()
        model.zero_grad()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: ascends | hint: subtracted
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data += lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: trains on the test set | hint: given
def train(model, X, y, steps, lr):
    new_X, new_y = moons(200, seed=2)
    X, y = new_X[:30], new_y[:30]
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: trains on the first 32 points at most
def train(model, X, y, steps, lr):
    X, y = X[:32], y[:32]
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: batches of 16 random points
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        batch = random.sample(list(zip(X, y)), min(16, len(X)))
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in batch) / len(batch)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: the sum in place of the mean | hint: mean
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: the step follows the mean, the sum is recorded
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data * len(X))
    return losses

# %% wrong: the hinge loss of micrograd's demo
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + -target * model(x)[0]).relu() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: micrograd's regularization added
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        loss = loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: labels taken for 0 and 1
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + model(x)[0].exp()).log() - target * model(x)[0] for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: lr is ignored | hint: lr
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: lr falls from step to step, as in micrograd's demo
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * (1 - 0.9 * step / steps) * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: momentum added
def train(model, X, y, steps, lr):
    losses = []
    speed = [0.0] * len(model.parameters())
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for i, p in enumerate(model.parameters()):
            speed[i] = 0.9 * speed[i] + p.grad
            p.data -= lr * speed[i]
        losses.append(loss.data)
    return losses

# %% wrong: p is bound anew, the weights stay | hint: fall
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p = p - lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: moves after every point, not after all | hint: mean
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        total = 0.0
        for x, target in zip(X, y):
            loss = (1 + (-target * model(x)[0]).exp()).log()
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= lr * p.grad / len(X)
            total += loss.data
        losses.append(total / len(X))
    return losses

# %% wrong: records the loss after the step
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(sum(math.log1p(math.exp(-t * model(x)[0].data)) for x, t in zip(X, y)) / len(X))
    return losses

# %% wrong: records the Value, not its number | hint: number
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss)
    return losses

# %% wrong: returns nothing
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)

# %% wrong: always 80 steps
def train(model, X, y, steps, lr):
    losses = []
    for step in range(80):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: stops when the loss is small
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
        if loss.data < 0.05:
            break
    return losses

# %% wrong: trains a new network, not the one given
def train(model, X, y, steps, lr):
    model = MLP(2, [16, 1])
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: shuffles the points, and not the labels with them
def train(model, X, y, steps, lr):
    losses = []
    for step in range(steps):
        random.shuffle(X)
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses

# %% wrong: scales the caller's points in place | hint: changed
def train(model, X, y, steps, lr):
    for x in X:
        x[0], x[1] = x[0] - 0.5, x[1] - 0.25
    losses = []
    for step in range(steps):
        loss = sum((1 + (-target * model(x)[0]).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses
