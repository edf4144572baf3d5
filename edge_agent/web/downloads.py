"""Files that a browser keeps: tables for a spreadsheet."""

from __future__ import annotations

from aiohttp import web

CSV = "text/csv"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(data: bytes, media_type: str, name: str) -> web.Response:
    """A file that the browser keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media_type}
    return web.Response(body=data, headers=headers)
