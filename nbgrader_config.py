"""nbgrader's settings for this course: read by `nbgrader`, by formgrader and by the Validate button."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader defines it)

# nbgrader starts `alembic` by its bare name, which is not on the path of an environment that is used without being activated.
if (here := str(Path(sys.executable).parent)) not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])

c.CourseDirectory.course_id = "llm-course"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# nbgrader copies every file that is not a notebook. Setting this replaces its own list, which comes first here.
c.CourseDirectory.ignore = [
    *(".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"),
    *("*.nb.py", "jupytext.toml", ".DS_Store", "Thumbs.db", "*~"),
]

c.GenerateAssignment.preprocessors = [
    "course.preprocessors.OpenAnywhere",
    "nbgrader.preprocessors.LockCells",
    "course.preprocessors.NameTheExercise",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    # The gradebook keeps the hidden tests: they go only after it has been written, and the checksums are made again.
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateAssignment.pre_convert_hook = "course.release.rebuild"
c.GenerateAssignment.post_convert_hook = "course.release.guard"

# Grading is course.grading's: the exporters are where nbgrader hands over a file before it has tried to read it. What a student
# handed in is graded from the instructor's notebook, in a sandbox; nbgrader's own preprocessors have nothing left to do but this.
c.Autograde.exporter_class = "course.grading.plugin.GradingExporter"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.AssignLatePenalties"]
c.GenerateFeedback.exporter_class = "course.grading.plugin.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
# formgrader shows graded notebooks in the instructor's browser.
c.HTMLExporter.sanitize_html = True

# For the Validate button alone. Cells that only show something, or want a GPU, are not run.
c.Execute.skip_cells_with_tag = "explore"
c.Execute.timeout = 180
# nbgrader takes whatever stands on stderr for a failed test: a right answer that PyTorch warns about would score 0.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--IPKernelApp.exec_lines=import sys; sys.stderr = sys.stdout",
]
