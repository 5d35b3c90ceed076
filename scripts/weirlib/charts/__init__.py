"""One module per kind of chart: each takes a Run and gives Sections (see section.py)."""
