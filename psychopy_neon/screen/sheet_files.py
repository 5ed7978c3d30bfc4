"""Pages of tags as PDF (ISO 32000-1) and SVG 1.1, in their true size.

The black of all tags is one path, so that no viewer leaves hairlines between its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from psychopy_neon.screen.tag_sheet import TagSheet

_POINTS_PER_MM = 72 / 25.4
_LINE_MM = 0.2
_DASH_MM = 1.5
_GREY = 0.4


def sheets_as_pdf(sheets: Sequence[TagSheet]) -> bytes:
    """One page each, text in Helvetica, which every viewer brings along.

    Parameters
    ----------
    sheets : sequence of TagSheet
    """
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(sheets)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode("ascii"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, sheet in enumerate(sheets):
        width, height = (_number(length * _POINTS_PER_MM) for length in sheet.size_mm)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents "
            f"{5 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode("ascii")
        )
        content = "\n".join(_pdf_operators(sheet)).encode("cp1252", "replace")
        head = f"<< /Length {len(content)} >>\nstream\n".encode("ascii")
        objects.append(head + content + b"\nendstream")
    return _pdf_file(objects)


def sheet_as_svg(sheet: TagSheet) -> str:
    """One page; its units are millimetres.

    Parameters
    ----------
    sheet : TagSheet
    """
    width, height = (_number(length) for length in sheet.size_mm)
    black = "".join(
        f"M{_number(r.left)} {_number(r.top)}h{_number(r.width)}v{_number(r.height)}"
        f"h{_number(-r.width)}z"
        for r in sheet.rectangles
    )
    lines = (
        f'<path d="M{_number(x0)} {_number(y0)}L{_number(x1)} {_number(y1)}"{_svg_dash(dashed)}/>'
        for x0, y0, x1, y1, dashed in sheet.lines
    )
    texts = (
        f'<text x="{_number(left)}" y="{_number(base)}" font-size="{_number(size)}">'
        f"{escape(words)}</text>"
        for left, base, size, words in sheet.texts
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
            f'viewBox="0 0 {width} {height}">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<path d="{black}" fill="black" shape-rendering="crispEdges"/>',
            f'<g stroke="#666" stroke-width="{_LINE_MM}" fill="none">',
            *lines,
            '</g>\n<g font-family="Helvetica, Arial, sans-serif">',
            *texts,
            "</g>\n</svg>\n",
        ]
    )


def _svg_dash(dashed: bool) -> str:
    return f' stroke-dasharray="{_DASH_MM} {_DASH_MM}"' if dashed else ""


def _pdf_operators(sheet: TagSheet) -> Iterator[str]:
    height = sheet.size_mm[1]
    # All that follows is in millimetres, y up.
    yield f"{_POINTS_PER_MM:.8f} 0 0 {_POINTS_PER_MM:.8f} 0 0 cm"
    yield "0 g"
    for left, top, wide, high in sheet.rectangles:
        yield f"{_number(left)} {_number(height - top - high)} {_number(wide)} {_number(high)} re"
    yield "f"
    yield f"{_GREY} G {_LINE_MM} w"
    for x0, y0, x1, y1, dashed in sheet.lines:
        yield f"[{_DASH_MM if dashed else ''}] 0 d"
        yield (f"{_number(x0)} {_number(height - y0)} m {_number(x1)} {_number(height - y1)} l S")
    for x, base, size, words in sheet.texts:
        yield (
            f"BT /F1 {_number(size)} Tf {_number(x)} {_number(height - base)} Td "
            f"({_pdf_text(words)}) Tj ET"
        )


def _pdf_text(words: str) -> str:
    return words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n".encode("ascii") + content + b"\nendobj\n"
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode("ascii")
    for offset in offsets:
        file += f"{offset:010d} 00000 n \n".encode("ascii")
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(file + trailer.encode("ascii"))


def _number(value: float) -> str:
    """Without an exponent, which PDF does not know, to a tenth of a micrometre."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
