"""How a page looks: on a screen, light or dark as the reader likes it, and on paper."""

from typing import Final

DEEPEST: Final = 12
"""Rows further down a tree stand below each other."""
_LEVELS: Final = "\n".join(f".d{depth} {{ padding-left: {0.75 + 1.5 * depth}rem; }}" for depth in range(1, DEEPEST + 1))
STYLE: Final = f"""
:root {{
  color-scheme: light dark;
  --ground: #fff; --text: #1b1f24; --quiet: #5b6470; --line: #d5dae1; --band: #f5f7f9; --head: #eaeef2;
}}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #15181c; --text: #e4e7eb; --quiet: #9aa4b0; --line: #333a43; --band: #1b1f24; --head: #242a31; }}
}}
body {{
  margin: 2rem; color: var(--text); background: var(--ground);
  font: 0.9375rem/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}}
h1 {{ margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }}
h2 {{ margin: 2rem 0 0.5rem; font-size: 1.125rem; }}
p {{ margin: 0.75rem 0 0; color: var(--quiet); }}
div {{ max-width: max-content; overflow-x: auto; border: 1px solid var(--line); border-radius: 0.375rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 0.3rem 0.75rem; text-align: start; vertical-align: baseline; border-bottom: 1px solid var(--line); }}
tr:last-child > td, tr:last-child > th[scope=row] {{ border-bottom: 0; }}
th {{ font-weight: 600; }}
thead th {{ vertical-align: bottom; background: var(--head); }}
tbody tr:nth-child(even) {{ background: var(--band); }}
td {{ max-width: 36rem; overflow-wrap: break-word; unicode-bidi: plaintext; }}
td.number, td.short, td.code {{ white-space: nowrap; }}
.number {{ text-align: right; }}
.code {{ font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: 0.875em; }}
{_LEVELS}
@page {{ size: A4 landscape; margin: 12mm; }}
@media print {{
  :root {{
    color-scheme: light;
    --ground: #fff; --text: #000; --quiet: #444; --line: #bbb; --band: #fff; --head: #fff;
  }}
  body {{ margin: 0; font-size: 8pt; }}
  div {{ overflow: visible; border: 0; }}
  thead {{ display: table-header-group; }}
  tr {{ break-inside: avoid; }}
  h1, h2 {{ break-after: avoid; }}
  th, td {{ padding: 1pt 5pt; }}
}}
"""
