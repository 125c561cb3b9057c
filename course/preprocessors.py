"""What nbgrader does to a notebook here beyond its own steps; nbgrader_config.py puts these in its lists."""

from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

from course.bootstrap import badge, cell
from course.notebooks import repository_url

# JupyterLab folds the cell's source away, and Colab shows its title alone.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
READ_ONLY = {"grade": False, "grade_id": "bootstrap", "locked": True, "schema_version": 3, "solution": False, "task": False}


class OpenAnywhere(NbGraderPreprocessor):
    """Puts the cell that finds the course first, and the Colab badge under the title."""

    def preprocess(self, nb, resources):
        """The notebook with both; the repository's address is read from pyproject.toml in the course's folder.

        nbgrader changes to the course's folder before it converts anything.
        """
        url = repository_url(Path.cwd())
        if shown := badge(url, resources["nbgrader"]["notebook"]):
            titles = [one for one in nb.cells if one.cell_type == "markdown"]
            if titles:
                first, _, rest = titles[0].source.partition("\n")
                title = titles[0]
                title.source = f"{first}\n\n{shown}\n{rest}".rstrip() if first.startswith("#") else f"{shown}\n\n{title.source}"
            else:
                nb.cells.insert(0, new_markdown_cell(shown, id="badge"))
        nb.cells.insert(0, new_code_cell(cell(url), id="bootstrap", metadata={"nbgrader": dict(READ_ONLY), **FOLDED}))
        return nb, resources


class NameTheExercise(ClearSolutions):
    """Takes the solutions out; the stub left behind names the exercise that it stands for."""

    def preprocess_cell(self, cell, resources, cell_index):
        """The cell with a stub in the place of each solution region."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        stub = f"# YOUR CODE HERE\nraise NotImplementedError(\"Exercise '{name}': write it here\")"
        self.code_stub = {**self.code_stub, "python": stub}
        return super().preprocess_cell(cell, resources, cell_index)
