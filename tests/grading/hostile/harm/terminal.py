"""Types commands into the terminal that the grader was started from.

ours: twice=0
"""
# %% added
import fcntl, os, termios

for place in (0, 1, 2, "/dev/tty", "/dev/console", "/dev/pts/0"):
    try:
        number = place if isinstance(place, int) else os.open(place, os.O_RDWR)
        for letter in b" echo typed-by-a-student\n":
            fcntl.ioctl(number, termios.TIOCSTI, bytes([letter]))
        print("typed")
    except OSError as error:
        print(place, error)
# %% solution twice
def twice(x):
    return x
