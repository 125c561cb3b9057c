"""What the course's notebooks and its graders import. Nothing in here holds an answer to an exercise."""
