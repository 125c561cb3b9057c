"""A submission in, a graded notebook out. docs/grading.md tells the way; here is what stands where.

One submission. engine: the run, from bytes to a `result`. reading, stubs, matching, rebuild: the instructor's notebook with the
student's text. plan: what is sent for each cell. split, liveness, names, judgeable: a test cell in two, and what cannot be. key:
what the checks expect. finish: totals, and the graded notebook.

Where it runs. warm, server: kernels forked from a warm process. sandbox, keeper, spaces, memory, seccomp: the world of each.
kernel: the grader's end of one. inside, hook, wire, traces: what runs in the student's process.

Who decides. judging: the grader's end; judge, verdict, unwire: the trusted process.

A class. classroom: jobs on Dask. submission: what was handed in. record: gradebook and files. plugin: nbgrader's way in.
command, demo: what one types. feedback, cards, shown, outputs, safe, style: a student's page. report, report_sections,
report_words, report_style, statistics: a class's.
"""
