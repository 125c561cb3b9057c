"""A chat model behind the address that chat clients know: OpenAI's /v1/chat/completions and /v1/models.

`app(engine, name)` makes the web application from any object with `stream(messages, max_tokens)`, which yields pieces of text;
`running(application)` serves it on this machine alone, while a `with` block lasts. One request at a time: the others wait.
"""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse

ROLES = ("system", "user", "assistant")


class Refused(ValueError):
    """A request that cannot be answered; the message says why."""


def app(engine, name: str, max_tokens: int = 256, count: Callable[[list], int] | None = None) -> FastAPI:
    """The application. engine.stream(messages, max_tokens) yields an answer's pieces, one a token, ValueError for what it cannot
    answer; name: of the model; max_tokens: of an answer, where a request does not say; count: gives a conversation's tokens, for
    an answer's usage (0 without it)."""
    made, lock, born = FastAPI(title=name), threading.Lock(), int(time.time())

    @made.get("/v1/models")
    def models() -> dict:
        return {"object": "list", "data": [{"id": name, "object": "model", "created": born, "owned_by": "llm-course"}]}

    @made.post("/v1/chat/completions")
    async def completions(request: Request):
        try:
            asked = _read(await request.body(), name, max_tokens)
        except Refused as error:
            return _refusal(error)
        while not lock.acquire(blocking=False):  # a thread that waited for it would be one that the answer at hand may need
            await asyncio.sleep(0.005)
        pieces = _released(lock, lambda: engine.stream(asked["messages"], asked["max_tokens"]))
        try:  # the first piece is waited for, so that what the engine refuses can still be said in the status
            first = await run_in_threadpool(next, pieces, None)
        except ValueError as error:
            return _refusal(error)
        told = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": name}
        if asked["stream"]:
            return _Stream(_events(told, first, pieces, asked["max_tokens"]), pieces)
        said = [] if first is None else [first, *await run_in_threadpool(list, pieces)]
        read = count(asked["messages"]) if count else 0
        usage = {"prompt_tokens": read, "completion_tokens": len(said), "total_tokens": read + len(said)}
        choice = {"index": 0, "message": {"role": "assistant", "content": "".join(said)}, "logprobs": None}
        choice["finish_reason"] = _reason(len(said), asked["max_tokens"])
        return {**told, "object": "chat.completion", "choices": [choice], "usage": usage}

    return made


@contextmanager
def running(application: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve the application from a thread, to this machine alone; gives its address, http://127.0.0.1:PORT. port 0: any free one.

    OSError where the port is taken; TimeoutError where the server does not start in ten seconds.
    """
    import socket

    import uvicorn

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise TimeoutError("The server did not start.")
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
    finally:
        listening.close()


def _read(body: bytes, name: str, most: int) -> dict:
    """messages, max_tokens and stream of a request; Refused, in words, for what is not one."""
    try:
        asked = json.loads(body)
    except ValueError:
        raise Refused("The body is not JSON.") from None
    if not isinstance(asked, dict):
        raise Refused("The body must be a JSON object.")
    if asked.get("model", name) != name:
        raise Refused(f"There is no model {asked['model']!r} here: ask for {name!r}.")
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused("'messages' must be a list of at least one message.")
    found = [_message(one, place) for place, one in enumerate(messages)]
    if found[-1]["role"] != "user":
        raise Refused("The last message must be the user's.")
    n = next((asked[key] for key in ("max_completion_tokens", "max_tokens") if asked.get(key) is not None), most)
    if type(n) is not int or n < 1:
        raise Refused("'max_tokens' must be a whole number of at least 1.")
    if asked.get("n") not in (None, 1):
        raise Refused("'n' must be 1: there is one answer.")
    stream = asked.get("stream") or False
    if not isinstance(stream, bool):
        raise Refused("'stream' must be true or false.")
    return {"messages": found, "max_tokens": n, "stream": stream}


def _message(one, place: int) -> dict:
    """A message with its content as one string: clients may also send a list of parts."""
    if not isinstance(one, dict) or one.get("role") not in ROLES:
        raise Refused(f"messages[{place}] must have a role: {', '.join(ROLES)}.")
    content = one.get("content")
    if isinstance(content, list):
        texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content]
        if not all(isinstance(text, str) for text in texts):
            raise Refused(f"messages[{place}] holds something else than text.")
        content = "".join(texts)
    if not isinstance(content, str):
        raise Refused(f"messages[{place}] must have its content as a string.")
    return {"role": one["role"], "content": content}


def _released(lock: threading.Lock, start: Callable[[], Iterable[str]]) -> Iterator[str]:
    """The pieces; then, whether all were read or not, the next request's turn."""
    try:
        yield from start()
    finally:
        lock.release()


def _events(told: dict, first: str | None, pieces: Iterator[str], most: int) -> Iterator[str]:
    """The answer as server-sent events, as OpenAI's: the role, a chunk for each piece, the reason of the end, [DONE]."""

    def event(delta: dict, reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return f"data: {json.dumps({**told, 'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"

    yield event({"role": "assistant", "content": ""})
    count, piece = 0, first
    while piece is not None:
        count += 1
        if piece:
            yield event({"content": piece})
        piece = next(pieces, None)
    yield event({}, _reason(count, most))
    yield "data: [DONE]\n\n"


class _Stream(StreamingResponse):
    """Events on their way; when they have been read, or the reader has left, the engine is closed at once."""

    def __init__(self, events: Iterator[str], pieces: Iterator[str]):
        super().__init__(events, media_type="text/event-stream")
        self.pieces = pieces

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.pieces.close()


def _reason(count: int, most: int) -> str:
    """Why an answer of so many pieces ended, in OpenAI's words: its length was reached, or the model stopped."""
    return "length" if count >= most else "stop"


def _refusal(error: ValueError) -> JSONResponse:
    """Status 400 with the reason, in the shape of OpenAI's errors."""
    told = {"message": str(error), "type": "invalid_request_error", "param": None, "code": None}
    return JSONResponse({"error": told}, status_code=400)
