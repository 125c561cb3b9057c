"""A grader in a process of its own, as a class has them: one that does not come back is ended, and the next one starts."""

import multiprocessing


class Hung(Exception):
    """No result came within the time."""


def serve(pipe, limits) -> None:
    """Grade what comes: (material, bytes) in, the result's JSON out, until None comes."""
    from course.grading.engine import Grader

    with Grader(limits) as grader:
        pipe.send("ready")
        while (job := pipe.recv()) is not None:
            pipe.send(grader.grade(*job).to_json())


class Worker:
    """`grade` as `Grader` has it, with a limit in seconds."""

    def __init__(self, limits, seconds: float):
        self.limits, self.seconds, self.process = limits, seconds, None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        if self.process is not None:
            self.pipe.send(None)
            self.process.join(10)
            self._end()

    def _end(self) -> None:
        self.process.kill()
        self.process.join()
        self.process = None

    def start(self) -> None:
        """See that the process is there."""
        if self.process is None:
            context = multiprocessing.get_context("spawn")
            self.pipe, there = context.Pipe()
            self.process = context.Process(target=serve, args=(there, self.limits))
            self.process.start()
            there.close()
            self.pipe.recv()

    def grade(self, material, data: bytes):
        from course.grading.result import Result

        self.start()
        self.pipe.send((material, data))
        if self.pipe.poll(self.seconds):
            try:
                return Result.from_json(self.pipe.recv())
            except EOFError:
                self._end()
                raise Hung("the grader itself was ended") from None
        self._end()
        raise Hung(f"the grader did not come back in {self.seconds} s")
