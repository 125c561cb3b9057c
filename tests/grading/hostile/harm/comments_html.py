"""Titles, errors and names that are HTML, in all that feedback quotes.

ours: twice=0 stamp=0
"""
# %% solution twice
def twice(x):
    """</pre><script>document.title = 'hostile-script-ran'</script>"""
    raise ValueError("</pre><script>document.title = 'hostile-script-ran'</script>")
# %% solution stamp
def stamp(text):
    return "</code><img src=x onerror=\"document.title='hostile-script-ran'\">"
