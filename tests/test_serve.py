"""The chat server: OpenAI's shapes, by a client in this process and once over the loopback."""

import json
import socket
import threading
import time

import pytest

fastapi = pytest.importorskip("fastapi")
httpx = pytest.importorskip("httpx")

from fastapi.testclient import TestClient  # noqa: E402

from course import serve  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


class Echo:
    """Says the last message again, a word at a time; remembers what it was asked."""

    def __init__(self):
        self.asked, self.busy, self.most, self.closed = [], 0, 0, 0

    def stream(self, messages, max_tokens):
        self.asked.append((messages, max_tokens))
        if "too long" in messages[-1]["content"]:
            raise ValueError("90 tokens and 9 new ones exceed 64")
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            for word in messages[-1]["content"].split(" ")[:max_tokens]:
                time.sleep(0.002)
                yield word
        finally:
            self.busy -= 1
            self.closed += 1


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def client(echo):
    return TestClient(serve.app(echo, "tiny", max_tokens=5, count=lambda messages: 10 * len(messages)))


def ask(client, text="a b c", **more):
    return client.post("/v1/chat/completions", json={"model": "tiny", "messages": [{"role": "user", "content": text}], **more})


def events(text):
    """The data of each event of a stream, [DONE] last."""
    lines = [line for line in text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines) and lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_an_answer_in_one_piece(client, echo):
    got = ask(client, "a b c").json()
    assert got["object"] == "chat.completion" and got["model"] == "tiny" and got["id"].startswith("chatcmpl-")
    assert got["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "abc"}, "logprobs": None, "finish_reason": "stop"}
    ]
    assert got["usage"] == {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    assert echo.asked == [([{"role": "user", "content": "a b c"}], 5)]


def test_an_answer_as_a_stream(client):
    got = ask(client, "a  c", stream=True)
    assert got.headers["content-type"].startswith("text/event-stream")
    chunks = events(got.text)
    assert {(one["object"], one["model"], one["id"]) for one in chunks} == {("chat.completion.chunk", "tiny", chunks[0]["id"])}
    deltas = [one["choices"][0]["delta"] for one in chunks]
    assert deltas == [{"role": "assistant", "content": ""}, {"content": "a"}, {"content": "c"}, {}]  # no chunk for an empty piece
    assert [one["choices"][0]["finish_reason"] for one in chunks] == [None, None, None, "stop"]


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_was_cut_says_so(client, key, stream):
    got = ask(client, "a b c", stream=stream, **{key: 2})
    if stream:
        reason = events(got.text)[-1]["choices"][0]["finish_reason"]
    else:
        reason = got.json()["choices"][0]["finish_reason"]
    assert reason == "length"


def test_an_answer_of_nothing(echo):
    class Silent:
        def stream(self, messages, max_tokens):
            yield from ()

    client = TestClient(serve.app(Silent(), "tiny"))
    assert ask(client).json()["choices"][0]["message"]["content"] == "" and ask(client).json()["usage"]["completion_tokens"] == 0
    assert [one["choices"][0]["finish_reason"] for one in events(ask(client, stream=True).text)] == [None, "stop"]


def test_the_models(client):
    got = client.get("/v1/models").json()
    assert got["object"] == "list" and [(one["id"], one["object"]) for one in got["data"]] == [("tiny", "model")]


def test_a_conversation_and_content_in_parts(client, echo):
    parts = [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]
    talk = [{"role": "system", "content": "s"}, {"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]
    got = client.post("/v1/chat/completions", json={"messages": [*talk, {"role": "user", "content": parts}]})
    assert got.json()["choices"][0]["message"]["content"] == "ab"
    assert echo.asked[0][0] == [*talk, {"role": "user", "content": "a b"}]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("no json", "not JSON"),
        ("[1]", "object"),
        ("{}", "messages"),
        ('{"messages": []}', "messages"),
        ('{"messages": ["hi"]}', "role"),
        ('{"messages": [{"role": "god", "content": "hi"}]}', "role"),
        ('{"messages": [{"role": "user"}]}', "content"),
        ('{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}', "text"),
        ('{"messages": [{"role": "assistant", "content": "hi"}]}', "user"),
        ('{"model": "gpt", "messages": [{"role": "user", "content": "hi"}]}', "tiny"),
        ('{"max_tokens": 0, "messages": [{"role": "user", "content": "hi"}]}', "max_tokens"),
        ('{"max_tokens": "9", "messages": [{"role": "user", "content": "hi"}]}', "max_tokens"),
        ('{"max_tokens": true, "messages": [{"role": "user", "content": "hi"}]}', "max_tokens"),
        ('{"n": 2, "messages": [{"role": "user", "content": "hi"}]}', "'n'"),
        ('{"stream": "yes", "messages": [{"role": "user", "content": "hi"}]}', "stream"),
        ('{"messages": [{"role": "user", "content": "too long"}]}', "exceed 64"),
        ('{"stream": true, "messages": [{"role": "user", "content": "too long"}]}', "exceed 64"),
    ],
)
def test_bad_requests_are_refused_in_words(client, body, word):
    got = client.post("/v1/chat/completions", content=body)
    assert got.status_code == 400 and word in got.json()["error"]["message"]
    assert got.json()["error"]["type"] == "invalid_request_error"
    assert ask(client).status_code == 200  # and the next one is answered


def test_over_the_loopback_one_request_at_a_time(echo):
    with serve.running(serve.app(echo, "tiny")) as address:
        assert address.startswith("http://127.0.0.1:")
        said = {}

        def talk(i):
            said[i] = httpx.post(
                f"{address}/v1/chat/completions",
                json={"messages": [{"role": "user", "content": f"{i} " * 5}], "stream": bool(i % 2)},
                timeout=30,
            )

        threads = [threading.Thread(target=talk, args=(i,)) for i in range(60)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(said) == list(range(60)) and all(one.status_code == 200 for one in said.values())
        for i, one in said.items():
            if i % 2:
                text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in events(one.text))
            else:
                text = one.json()["choices"][0]["message"]["content"]
            assert text == str(i) * 5
        assert echo.most == 1  # sixty at once, more than there are threads, and never two in the engine
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/v1/models")


def test_pieces_come_as_they_are_made_and_one_who_leaves_makes_room():
    gate = threading.Event()

    class Slow:
        closed = False

        def stream(self, messages, max_tokens):
            try:
                yield "one"
                gate.wait(20)
                for _ in range(10_000):  # whoever has left is noticed at one of the next pieces
                    time.sleep(0.001)
                    yield "more"
            finally:
                self.closed = True

    engine = Slow()
    with serve.running(serve.app(engine, "tiny")) as address:
        body = {"messages": [{"role": "user", "content": "x"}], "stream": True}
        with httpx.stream("POST", f"{address}/v1/chat/completions", json=body, timeout=30) as got:
            lines = (line for line in got.iter_lines() if line)
            first = [json.loads(next(lines).removeprefix("data: "))["choices"][0]["delta"] for _ in range(2)]
            assert first[1] == {"content": "one"} and not gate.is_set()
            gate.set()
        deadline = time.monotonic() + 20
        while not engine.closed and time.monotonic() < deadline:
            time.sleep(0.01)
        assert engine.closed


def test_a_port_that_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError), serve.running(serve.app(Echo(), "tiny"), other.getsockname()[1]):
            pass
