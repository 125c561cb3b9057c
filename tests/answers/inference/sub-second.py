# %% right: a for loop that reads on only while more is wanted
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% right: keeps the longest common beginning, whatever the conversation
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.first = [{"role": "system", "content": system}] if system is not None else []
        config = model.config
        shape = config.num_hidden_layers, 1, config.num_key_value_heads, max_len, config.head_dim
        self.cache, self.held = KVCache(*shape, model.embed.weight.dtype), []
        if self.first: self.read(chat_ids(tokenizer, self.first, ask=False))
    def read(self, ids):
        self.held += ids
        return next_token(self.model, ids, self.cache)
    def stream(self, prompt, n=64):
        """Keeps whatever the new conversation begins with, the turns before included."""
        if isinstance(prompt, str): prompt = [dict(role="user", content=prompt)]
        ids = chat_ids(self.tokenizer, [*self.first, *prompt])
        if self.max_len < len(ids) + n: raise ValueError("too long")
        same = 0
        while same < min(len(ids) - 1, len(self.held)) and ids[same] == self.held[same]: same += 1
        self.cache.truncate(same)
        self.held = self.held[:same]
        new, answer, before = ids[same:], [], ""
        for _ in range(n):
            token = self.read(new)
            if token == self.tokenizer.eos_token_id: break
            new = [token]
            answer += new
            text = self.tokenizer.decode(answer).rstrip("\ufffd")
            yield text[len(before):]
            before = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    rows = []
    for prompt in prompts:
        start, stream = clock(), engine.stream(prompt, n)
        next(stream)
        first = last = clock()
        more = 0
        for _ in stream:
            last, more = clock(), more + 1
        rows.append((first - start, (last - first) / more if more else float("nan"), last - start))
    ms = 1000 * np.array(rows)
    return {f"{name}_ms": {"p50": float(np.nanpercentile(ms[:, i], 50)), "p95": float(np.nanpercentile(ms[:, i], 95))}
            for i, name in enumerate(("ttft", "tpot", "total"))}

# %% right: tensors and the model itself, no helpers
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.system, self.max_len = model, tokenizer, system, max_len
        config = model.config
        self.cache = KVCache(config.num_hidden_layers, 1, config.num_key_value_heads, max_len, config.head_dim, next(model.parameters()).dtype)
        if system is not None:
            ids = tokenizer.apply_chat_template([{"role": "system", "content": system}], return_dict=True, return_tensors="pt")["input_ids"]
            with torch.inference_mode():
                model(ids, self.cache)
        self.kept = self.cache.length
    def stream(self, prompt, n=64):
        talk = [{"role": "system", "content": self.system}] if self.system is not None else []
        talk.extend([{"role": "user", "content": prompt}] if type(prompt) is str else prompt)
        text = self.tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
        ids = self.tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        if ids.shape[1] + n > self.max_len:
            raise ValueError("conversation too long")
        self.cache.truncate(self.kept)
        ids, answer, done = ids[:, self.kept :], torch.zeros(0, dtype=torch.long), ""
        while len(answer) < n:
            with torch.no_grad():
                positions = torch.arange(self.cache.length, self.cache.length + ids.shape[1])
                token = self.model(ids, self.cache, positions)[0, -1].argmax()
            if token == self.tokenizer.eos_token_id:
                return
            ids = token.view(1, 1)
            answer = torch.cat([answer, token.view(1)])
            text = self.tokenizer.decode(answer)
            if text.endswith("\ufffd"):
                yield ""
                continue
            yield text[len(done):]
            done = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% right: two generators, one behind the other; only what waits is decoded
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.parts = model, tokenizer
        self.turns, self.max_len = [{"role": "system", "content": system}][: system is not None], max_len
        config = model.config
        self.cache = KVCache(n_layers=config.num_hidden_layers, batch=1, n_kv_heads=config.num_key_value_heads, max_len=max_len,
                             head_dim=config.head_dim, dtype=model.embed.weight.dtype)
        self.kept = len(chat_ids(tokenizer, self.turns, False)) if self.turns else 0
        if self.kept: next_token(model, chat_ids(tokenizer, self.turns, False), self.cache)
    def tokens(self, new, n):
        for _ in range(n):
            token = next_token(self.parts[0], new, self.cache)
            if token == self.parts[1].eos_token_id: return
            yield token
            new = [token]
    def stream(self, prompt, n=64):
        prompt = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.parts[1], self.turns + prompt)
        if len(ids) + n > self.max_len: raise ValueError(len(ids))
        self.cache.truncate(self.kept)
        return self.pieces(self.tokens(ids[self.kept:], n))
    def pieces(self, tokens):
        waiting = []
        for token in tokens:
            waiting.append(token)
            text = self.parts[1].decode(waiting)
            if "\ufffd" in text: yield ""
            else:
                waiting = []
                yield text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    rows = []
    for prompt in prompts:
        start, stream = clock(), engine.stream(prompt, n)
        next(stream)
        first = last = clock()
        more = 0
        for _ in stream:
            last, more = clock(), more + 1
        rows.append((first - start, (last - first) / more if more else float("nan"), last - start))
    ms = 1000 * np.array(rows)
    return {f"{name}_ms": {"p50": float(np.nanpercentile(ms[:, i], 50)), "p95": float(np.nanpercentile(ms[:, i], 95))}
            for i, name in enumerate(("ttft", "tpot", "total"))}

# %% wrong: the cache is never cut back
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: cut back to nothing, but the rest is read alone | hint: cut back
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(0)
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: cut back to nothing, all read again | hint: never again
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(0)
        token = next_token(self.model, ids, self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: a new cache for each answer | hint: never again
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        c = self.model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, self.max_len, c.head_dim, self.model.embed.weight.dtype)
        token = next_token(self.model, ids, self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: cut back one token too far | hint: never again
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(max(len(self.prefix) - 1, 0))
        token = next_token(self.model, ids[max(len(self.prefix) - 1, 0):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: one token of the question is lost
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix) + 1:], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the question templated alone
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = self.prefix + chat_ids(self.tokenizer, messages[self.system is not None:])
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: no sign for the assistant to speak
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages, False)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the kept prefix asks the assistant to speak
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}])
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: no system prompt is an empty one | hint: Without a system prompt
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        system = system or ''
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the prompt token by token | hint: one pass
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        for one in ids[len(self.prefix):]: token = next_token(self.model, [one], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the system prompt token by token | hint: in one
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            [next_token(model, [one], self.cache) for one in self.prefix]
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: reads on from the last token | hint: nobody reads
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: everything anew for each token | hint: one token
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                self.cache.truncate(len(self.prefix))
                token = next_token(self.model, ids[len(self.prefix):] + answer, self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: a list at the end, no stream | hint: yield
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def made(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)
    def stream(self, prompt, n=64):
        return list(self.made(prompt, n))

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: a generator over a finished answer | hint: yield
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def made(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)
    def stream(self, prompt, n=64):
        yield from list(self.made(prompt, n))

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: one piece behind | hint: second token
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def made(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)
    def stream(self, prompt, n=64):
        last = None
        for piece in self.made(prompt, n):
            if last is not None: yield last
            last = piece
        if last is not None: yield last

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: each token decoded alone | hint: bytes
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode([token])
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: half characters are shown | hint: euro
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if False:
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: no piece for half a character | hint: euro
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                pass
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the text so far in every piece
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the end's token is a piece, too
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if self.tokenizer.eos_token_id in answer:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: does not stop at the end
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if False:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: stops at token 2, SmolLM2's end
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == 2:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: stops at the config's end, not the tokenizer's
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.model.config.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: n is ignored
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        n = 64
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: one token too many
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n + 1):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the cache is float32 always
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, torch.float32)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: no look at max_len | hint: max_len
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if False:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: n left out of max_len | hint: max_len
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: refuses what just fits | hint: fits
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n >= self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the system prompt left out of max_len | hint: max_len
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) - len(self.prefix) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: cuts what is too long
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            ids = ids[-(self.max_len - n):]
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: max_len is always 1024
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, 1024
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: a list of messages is taken as text
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": str(prompt)}]
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: only the last message is read
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt if isinstance(prompt, str) else prompt[-1]["content"]}]
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the conversation before is remembered | hint: cut back
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        self.talk = messages = getattr(self, "talk", None) or ([] if self.system is None else [{"role": "system", "content": self.system}])
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the system message is put into the caller's list | hint: messages stay
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        turns[:0] = messages
        messages = turns
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: cut back after the answer, which not everybody reads to its end
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                break
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)
        self.cache.truncate(len(self.prefix))

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: seconds | hint: ms
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start))
        total.append((times[-1] - start))
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: divided by all pieces
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / len(times))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: total divided by the pieces
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - start) * 1e3 / len(times))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: total is to the end of the stream | hint: end of the stream
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        end = clock()
        ttft.append((times[0] - start) * 1e3)
        total.append((end - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: total starts at the first piece
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - times[0]) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the clock starts once
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    start = clock()
    for prompt in prompts:
        times = []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the clock handed in is ignored
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = time.perf_counter(), []
        for piece in engine.stream(prompt, n):
            times.append(time.perf_counter())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: p95 is the largest
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": max(v)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: p50 is the mean | hint: Four answers
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.mean(v), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: p50 and p95 swapped
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 95), "p95": np.percentile(v, 50)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: an answer of one piece has 0 ms a token | hint: single piece
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        tpot.append((times[-1] - times[0]) * 1e3 / max(1, len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the gaps of all answers in one pot
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot += [1e3 * float(gap) for gap in np.diff(times)]
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: n stays at home | hint: handed on
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: the first prompt only
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts[:1]:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft_ms", ttft), ("tpot_ms", tpot), ("total_ms", total))}

# %% wrong: names without units
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, dtype=model.embed.weight.dtype)
        self.system = system
        self.prefix = []
        if system is not None:
            self.prefix = chat_ids(tokenizer, [{"role": "system", "content": system}], False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, messages)
        if len(ids) + n > self.max_len:
            raise ValueError(f"max_len {self.max_len}")
        self.cache.truncate(len(self.prefix))
        token = next_token(self.model, ids[len(self.prefix):], self.cache)
        answer, shown = [], 0
        for i in range(n):
            if token == self.tokenizer.eos_token_id:
                return
            answer.append(token)
            text = self.tokenizer.decode(answer)
            if text[-1] == "\ufffd":
                yield ""
            else:
                yield text[shown:]
                shown = len(text)
            if i < n - 1:
                token = next_token(self.model, [token], self.cache)

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start, times = clock(), []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append((times[0] - start) * 1e3)
        total.append((times[-1] - start) * 1e3)
        if len(times) > 1:
            tpot.append((times[-1] - times[0]) * 1e3 / (len(times) - 1))
    return {name: {"p50": np.percentile(v, 50), "p95": np.percentile(v, 95)}
            for name, v in (("ttft", ttft), ("tpot", tpot), ("total", total))}


# %% wrong: the clock starts after stream has been asked | hint: before stream
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.system = [] if system is None else [{"role": "system", "content": system}]
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        self.prefix = []
        if self.system:
            self.prefix = chat_ids(tokenizer, self.system, ask=False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.tokenizer, self.system + turns)
        if len(ids) + n > self.max_len:
            raise ValueError("too long")
        self.cache.truncate(len(self.prefix))
        new = ids[len(self.prefix):]
        out, shown = [], ""
        for _ in range(n):
            token = next_token(self.model, new, self.cache)
            if token == self.tokenizer.eos_token_id:
                return
            out.append(token)
            new = [token]
            text = self.tokenizer.decode(out)
            if text.endswith("\ufffd"):
                yield ""
            else:
                yield text[len(shown):]
                shown = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        stream = engine.stream(prompt, n)
        start = clock()
        times = []
        for piece in stream:
            times.append(clock())
        ttft.append(1000 * (times[0] - start))
        total.append(1000 * (times[-1] - start))
        if len(times) > 1:
            tpot.append(1000 * (times[-1] - times[0]) / (len(times) - 1))
    def both(values):
        return {"p50": np.percentile(values, 50), "p95": np.percentile(values, 95)}
    return {"ttft_ms": both(ttft), "tpot_ms": both(tpot), "total_ms": both(total)}


# %% wrong: empty pieces do not count in latency | hint: empty piece
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.system = [] if system is None else [{"role": "system", "content": system}]
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        self.prefix = []
        if self.system:
            self.prefix = chat_ids(tokenizer, self.system, ask=False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.tokenizer, self.system + turns)
        if len(ids) + n > self.max_len:
            raise ValueError("too long")
        self.cache.truncate(len(self.prefix))
        new = ids[len(self.prefix):]
        out, shown = [], ""
        for _ in range(n):
            token = next_token(self.model, new, self.cache)
            if token == self.tokenizer.eos_token_id:
                return
            out.append(token)
            new = [token]
            text = self.tokenizer.decode(out)
            if text.endswith("\ufffd"):
                yield ""
            else:
                yield text[len(shown):]
                shown = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start = clock()
        times = []
        for piece in engine.stream(prompt, n):
            if piece: times.append(clock())
        ttft.append(1000 * (times[0] - start))
        total.append(1000 * (times[-1] - start))
        if len(times) > 1:
            tpot.append(1000 * (times[-1] - times[0]) / (len(times) - 1))
    def both(values):
        return {"p50": np.percentile(values, 50), "p95": np.percentile(values, 95)}
    return {"ttft_ms": both(ttft), "tpot_ms": both(tpot), "total_ms": both(total)}


# %% wrong: all streams are asked for first | hint: before stream
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.system = [] if system is None else [{"role": "system", "content": system}]
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        self.prefix = []
        if self.system:
            self.prefix = chat_ids(tokenizer, self.system, ask=False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.tokenizer, self.system + turns)
        if len(ids) + n > self.max_len:
            raise ValueError("too long")
        self.cache.truncate(len(self.prefix))
        new = ids[len(self.prefix):]
        out, shown = [], ""
        for _ in range(n):
            token = next_token(self.model, new, self.cache)
            if token == self.tokenizer.eos_token_id:
                return
            out.append(token)
            new = [token]
            text = self.tokenizer.decode(out)
            if text.endswith("\ufffd"):
                yield ""
            else:
                yield text[len(shown):]
                shown = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for stream in [engine.stream(prompt, n) for prompt in prompts]:
        start = clock()
        times = []
        for piece in stream:
            times.append(clock())
        ttft.append(1000 * (times[0] - start))
        total.append(1000 * (times[-1] - start))
        if len(times) > 1:
            tpot.append(1000 * (times[-1] - times[0]) / (len(times) - 1))
    def both(values):
        return {"p50": np.percentile(values, 50), "p95": np.percentile(values, 95)}
    return {"ttft_ms": both(ttft), "tpot_ms": both(tpot), "total_ms": both(total)}


# %% wrong: what all engines share: the system prompt's ids | hint: shared
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.system = [] if system is None else [{"role": "system", "content": system}]
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        Engine.prefix = []
        if self.system:
            Engine.prefix = chat_ids(tokenizer, self.system, ask=False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.tokenizer, self.system + turns)
        if len(ids) + n > self.max_len:
            raise ValueError("too long")
        self.cache.truncate(len(self.prefix))
        new = ids[len(self.prefix):]
        out, shown = [], ""
        for _ in range(n):
            token = next_token(self.model, new, self.cache)
            if token == self.tokenizer.eos_token_id:
                return
            out.append(token)
            new = [token]
            text = self.tokenizer.decode(out)
            if text.endswith("\ufffd"):
                yield ""
            else:
                yield text[len(shown):]
                shown = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start = clock()
        times = []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append(1000 * (times[0] - start))
        total.append(1000 * (times[-1] - start))
        if len(times) > 1:
            tpot.append(1000 * (times[-1] - times[0]) / (len(times) - 1))
    def both(values):
        return {"p50": np.percentile(values, 50), "p95": np.percentile(values, 95)}
    return {"ttft_ms": both(ttft), "tpot_ms": both(tpot), "total_ms": both(total)}


# %% wrong: one cache for all engines | hint: shared
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.system = [] if system is None else [{"role": "system", "content": system}]
        c = model.config
        Engine.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        self.prefix = []
        if self.system:
            self.prefix = chat_ids(tokenizer, self.system, ask=False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.tokenizer, self.system + turns)
        if len(ids) + n > self.max_len:
            raise ValueError("too long")
        self.cache.truncate(len(self.prefix))
        new = ids[len(self.prefix):]
        out, shown = [], ""
        for _ in range(n):
            token = next_token(self.model, new, self.cache)
            if token == self.tokenizer.eos_token_id:
                return
            out.append(token)
            new = [token]
            text = self.tokenizer.decode(out)
            if text.endswith("\ufffd"):
                yield ""
            else:
                yield text[len(shown):]
                shown = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start = clock()
        times = []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append(1000 * (times[0] - start))
        total.append(1000 * (times[-1] - start))
        if len(times) > 1:
            tpot.append(1000 * (times[-1] - times[0]) / (len(times) - 1))
    def both(values):
        return {"p50": np.percentile(values, 50), "p95": np.percentile(values, 95)}
    return {"ttft_ms": both(ttft), "tpot_ms": both(tpot), "total_ms": both(total)}


# %% wrong: a refused question spoils the next answer | hint: refusal
class Engine:
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        self.model, self.tokenizer, self.max_len = model, tokenizer, max_len
        self.system = [] if system is None else [{"role": "system", "content": system}]
        c = model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        self.prefix = []
        if self.system:
            self.prefix = chat_ids(tokenizer, self.system, ask=False)
            next_token(model, self.prefix, self.cache)
    def stream(self, prompt, n=64):
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        ids = chat_ids(self.tokenizer, self.system + turns)
        self.system = self.system + turns
        if len(ids) + n > self.max_len:
            raise ValueError("too long")
        self.system = self.system[:-len(turns)]
        self.cache.truncate(len(self.prefix))
        new = ids[len(self.prefix):]
        out, shown = [], ""
        for _ in range(n):
            token = next_token(self.model, new, self.cache)
            if token == self.tokenizer.eos_token_id:
                return
            out.append(token)
            new = [token]
            text = self.tokenizer.decode(out)
            if text.endswith("\ufffd"):
                yield ""
            else:
                yield text[len(shown):]
                shown = text

def latency(engine, prompts, n=64, clock=time.perf_counter):
    ttft, tpot, total = [], [], []
    for prompt in prompts:
        start = clock()
        times = []
        for piece in engine.stream(prompt, n):
            times.append(clock())
        ttft.append(1000 * (times[0] - start))
        total.append(1000 * (times[-1] - start))
        if len(times) > 1:
            tpot.append(1000 * (times[-1] - times[0]) / (len(times) - 1))
    def both(values):
        return {"p50": np.percentile(values, 50), "p95": np.percentile(values, 95)}
    return {"ttft_ms": both(ttft), "tpot_ms": both(tpot), "total_ms": both(total)}
