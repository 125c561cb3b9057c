"""Answers to value-backward."""

# %% right: recursion, with the limit raised and put back
import sys


def backward(self):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for parent in node._prev:
            visit(parent)
        order.append(node)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10**7)
    try:
        visit(self)
    finally:
        sys.setrecursionlimit(limit)
    self.grad = 1.0
    for node in order[::-1]:
        node._backward()

# %% right: Kahn's algorithm: a node's turn comes when all its uses are done
from collections import Counter, deque


def backward(self):
    parents, uses, front = {}, Counter(), [self]
    while front:
        node = front.pop()
        if node not in parents:
            parents[node] = list(node._prev)
            uses.update(parents[node])
            front.extend(parents[node])
    self.grad, ready = 1.0, deque([self])
    while ready:
        node = ready.popleft()
        node._backward()
        for parent in parents[node]:
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)

# %% right: the standard library's topological sort
import graphlib


def backward(self):
    graph, todo = {}, [self]
    while todo:
        node = todo.pop()
        if node not in graph:
            graph[node] = tuple(node._prev)
            todo.extend(graph[node])
    order = list(graphlib.TopologicalSorter(graph).static_order())
    self.grad = 1.0
    for node in reversed(order):
        node._backward()

# %% right: a stack of iterators
def backward(self):
    order, seen, path = [], {id(self)}, [(self, iter(self._prev))]
    while path:
        node, parents = path[-1]
        for parent in parents:
            if id(parent) not in seen:
                seen.add(id(parent))
                path.append((parent, iter(parent._prev)))
                break
        else:
            order.append(node)
            path.pop()
    self.grad = 1
    while order:
        order.pop()._backward()

# %% right: fresh grads for the walk, added to the old ones at the end
def backward(self):
    order, done, stack = [], set(), [self]
    while stack:
        node = stack[-1]
        waiting = [parent for parent in node._prev if parent not in done]
        if waiting and node not in done:
            stack.extend(waiting)
        else:
            stack.pop()
            if node not in done:
                done.add(node)
                order.append(node)
    old = {node: node.grad for node in order}
    for node in order:
        node.grad = 0.0
    self.grad = 1.0
    for node in reversed(order):
        node._backward()
    for node in order:
        if node is not self:
            node.grad += old[node]

# %% wrong: plain recursion | hint: recursion
def backward(self):
    topo, visited = [], set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(self)
    self.grad = 1.0
    for v in reversed(topo):
        v._backward()

# %% wrong: recursion with a limit just above the test's | hint: deep
import sys


def backward(self):
    sys.setrecursionlimit(12_000)
    topo, visited = [], set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(self)
    self.grad = 1.0
    for v in reversed(topo):
        v._backward()

# %% wrong: breadth first, each node when it is first seen | hint: only after
def backward(self):
    self.grad = 1.0
    queue, seen = [self], {id(self)}
    for node in queue:
        node._backward()
        for parent in node._prev:
            if id(parent) not in seen:
                seen.add(id(parent))
                queue.append(parent)

# %% wrong: depth first, each node before its parents | hint: only after
def backward(self):
    self.grad = 1.0
    stack, seen = [self], set()
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            node._backward()
            stack.extend(node._prev)

# %% wrong: by path: every node as often as it is reached | hint: use
def backward(self):
    self.grad = 1.0
    stack = [self]
    while stack:
        node = stack.pop()
        node._backward()
        stack.extend(node._prev)

# %% wrong: by path, with the shares kept apart: right, but exponential | hint: exactly once
def backward(self):
    total, nodes, stack = {}, {}, [(self, 1.0)]
    while stack:
        node, share = stack.pop()
        nodes[id(node)] = node
        total[id(node)] = total.get(id(node), 0.0) + share
        parents = {id(parent): parent for parent in node._prev}.values()
        old = [(parent, parent.grad) for parent in parents]
        for parent in parents:
            parent.grad = 0.0
        node.grad, mine = share, node.grad
        node._backward()
        stack.extend((parent, parent.grad) for parent in parents)
        node.grad = mine
        for parent, grad in old:
            parent.grad = grad
    for node in nodes.values():
        node.grad += total[id(node)]
    self.grad = 1.0

# %% wrong: the order not reversed | hint: use
def backward(self):
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad = 1.0
    for node in order:
        node._backward()

# %% wrong: marks a node when it is pushed, so a late use comes too late | hint: only after
def backward(self):
    order, seen, stack = [], {id(self)}, [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
            continue
        stack.append((node, True))
        for parent in node._prev:
            if id(parent) not in seen:
                seen.add(id(parent))
                stack.append((parent, False))
    self.grad = 1.0
    for node in reversed(order):
        node._backward()

# %% wrong: sorted by depth from the output, the shortest way | hint: only after
def backward(self):
    depth, level = {self: 0}, [self]
    while level:
        deeper = []
        for node in level:
            for parent in node._prev:
                if parent not in depth:
                    depth[parent] = depth[node] + 1
                    deeper.append(parent)
        level = deeper
    self.grad = 1.0
    for node in sorted(depth, key=depth.get):
        node._backward()

# %% wrong: the grad of self never set | hint: use
def backward(self):
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    for node in reversed(order):
        node._backward()

# %% wrong: the grad of self grows by 1 and does not become 1 | hint: become 1
def backward(self):
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad += 1.0
    for node in reversed(order):
        node._backward()

# %% wrong: sets every grad to 0 first, the inputs' too | hint: reset
def backward(self):
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    for node in order:
        node.grad = 0.0
    self.grad = 1.0
    for node in reversed(order):
        node._backward()

# %% wrong: the marks of the walk stay on the nodes | hint: mark
def backward(self):
    order, stack = [], [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif not getattr(node, "_visited", False):
            node._visited = True
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad = 1.0
    for node in reversed(order):
        node._backward()

# %% wrong: the set of nodes seen is a default argument: it outlives the call | hint: mark
def backward(self, seen=set()):
    order, stack = [], [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad = 1.0
    for node in reversed(order):
        node._backward()

# %% wrong: the nodes seen are kept in a list: the square of their number | hint: set
def backward(self):
    order, seen, stack = [], [], [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.append(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad = 1.0
    for node in reversed(order):
        node._backward()

# %% wrong: the direct parents alone | hint: use
def backward(self):
    self.grad = 1.0
    self._backward()

# %% wrong: a chain only: follows the first parent | hint: use
def backward(self):
    node, self.grad = self, 1.0
    while node._prev:
        node._backward()
        node = list(node._prev)[0]

# %% wrong: calls backward on the parents, which sets their grads to 1 | hint: use
def backward(self):
    self.grad = 1.0
    self._backward()
    for parent in self._prev:
        backward(parent)

# %% wrong: gives the order back and does not walk it | hint: use
def backward(self):
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad = 1.0
    return order[::-1]

# %% wrong: Kahn's count of nodes, not of uses: one made from a value twice counts once | hint: exactly once
def backward(self):
    uses, front, seen = {}, [self], set()
    while front:
        node = front.pop()
        if node not in seen:
            seen.add(node)
            for parent in set(node._prev):
                uses[parent] = uses.get(parent, 0) + 1
                front.append(parent)
    self.grad, ready = 1.0, [self]
    while ready:
        node = ready.pop()
        node._backward()
        for parent in node._prev:
            uses[parent] -= 1
            if uses[parent] <= 0:
                ready.append(parent)

# %% wrong: repeats the walk until nothing changes | hint: use
def backward(self):
    self.grad, nodes = 1.0, [self]
    for node in nodes:
        nodes.extend(parent for parent in node._prev if all(parent is not one for one in nodes[-50:]))
    for node in nodes[:50]:
        node._backward()
