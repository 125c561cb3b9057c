"""The one error that the course raises for bad input."""


class CourseError(Exception):
    """Something the reader can put right: the message is one sentence that says what to do."""
