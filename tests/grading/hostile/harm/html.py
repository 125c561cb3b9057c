"""Shows scripts, frames, styles and links that take over the page of whoever reads it.

ours: full
"""
# %% added
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML("<script>document.body.innerHTML = 'hostile-script-ran'</script><img src=x onerror='document.title=\"hostile-script-ran\"'><style>body{display:none}</style><iframe srcdoc='<script>parent.document.title=1</script>'></iframe>"))
display(Javascript("document.title = 'hostile-script-ran'"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script><a href='javascript:alert(1)'><text y='9'>x</text></a></svg>"))
display(Markdown("[x](javascript:alert(1)) <details open ontoggle=alert(1)>"))
display({"text/latex": "$\\href{javascript:alert(1)}{x}$", "application/vnd.jupyter.widget-view+json": {"model_id": "x"}}, raw=True)
# %% markdown
<script>document.title = 'hostile-script-ran'</script> <img src=x onerror=alert(1)>
<meta http-equiv="refresh" content="0;url=https://example.com"><base href="https://example.com">
</div></div></body></html><form action="https://example.com"><input name=password autofocus onfocus=alert(1)>
