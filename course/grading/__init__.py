"""A submission in, a graded notebook out: the parts of the engine. nbgrader_config.py does not use them yet.

Bytes to the instructor's notebook with the student's text: reading, stubs, matching, rebuild. Where it runs: sandbox, warm.
Who decides: split (probe and verdict of a test cell), liveness and names (what a probe may show), judgeable (what cannot be
split), hook and wire (values on their way out, in the student's process), unwire and verdict (on the trusted side).
"""
