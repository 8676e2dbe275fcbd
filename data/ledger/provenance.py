"""Provenance inside the files of a figure: title, id, source line, licence and address.

SVG carries RDF with Dublin Core terms, PNG international text chunks, PDF the document information.
"""

import io
import re
import struct
import zlib
from xml.sax.saxutils import escape

FIELDS = ("title", "identifier", "description", "source", "date", "publisher", "rights", "relation")
"""Terms of Dublin Core that every file of a figure carries; PNG and PDF name them with a capital."""

_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# What the readers of PDF files show under names of their own.
_PDF_NAMES = {"description": "Subject", "publisher": "Author"}


def stamp(content: bytes, kind: str, terms: dict[str, str]) -> bytes:
    """Write the terms into an SVG, PNG or PDF file and return its bytes, which repeat from run to run.

    Raises KeyError for another kind and for a term of FIELDS that is missing.
    """
    ordered = {name: terms[name] for name in FIELDS}
    return {"svg": _stamp_svg, "png": _stamp_png, "pdf": _stamp_pdf}[kind](content, ordered)


def pdf_name(term: str) -> str:
    """Return the key of a term in the document information of a PDF: '/Title', '/Subject'."""
    return f"/{_PDF_NAMES.get(term, term.capitalize())}"


def _stamp_svg(content: bytes, terms: dict[str, str]) -> bytes:
    # matplotlib writes a block of its own, with nothing in it that is not here.
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", content.decode(), flags=re.S)
    lines = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in terms.items())
    block = (
        f'<metadata><rdf:RDF xmlns:rdf="{_RDF}" xmlns:dc="{_DC}"><rdf:Description rdf:about="">{lines}'
        "</rdf:Description></rdf:RDF></metadata>"
    )
    at = text.index(">", text.index("<svg")) + 1
    return (text[:at] + block + text[at:]).encode()


def _stamp_png(content: bytes, terms: dict[str, str]) -> bytes:
    # The chunks go right after IHDR: 8 bytes of signature, and 25 of that chunk.
    chunks = b""
    for name, value in terms.items():
        # Keyword; not compressed, by method 0; language; no translated keyword; the text in UTF-8.
        body = b"iTXt" + name.capitalize().encode() + b"\0\0\0en\0\0" + value.encode()
        chunks += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return content[:33] + chunks + content[33:]


def _stamp_pdf(content: bytes, terms: dict[str, str]) -> bytes:
    import pikepdf  # not to be had inside a web page, where no PDF is made

    # Saved so, the objects stand in the order of their use: vl-convert writes them in random order.
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        for name, value in terms.items():
            document.docinfo[pdf_name(name)] = value
        document.save(
            out,
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()
