"""What the operating system knows of the place a printer hangs on: names that stay, and the USB device behind a port.

The number in `/dev/ttyUSB0` and `/dev/usb/lp0` is given in the order of plugging in: after a restart those of two
printers may have changed places. udev's links `/dev/serial/by-id` (made of the adapter's own serial number) and
`/dev/serial/by-path` (made of the USB socket) stay (systemd, 60-serial.rules). Linux only; elsewhere there is nothing
to read, and every answer is "not known".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

SERIAL_LINKS = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
"""The better first: an adapter keeps its number at every socket, and most of the cheap ones have none."""

USB_PRINTERS = Path("/sys/class/usbmisc")
"""Where Linux shows which USB device stands behind `/dev/usb/lp0`."""

_NUMBERED = ("/dev/ttyUSB", "/dev/ttyACM", "/dev/usb/lp")


def stable_name(device: str, links: Sequence[Path] = SERIAL_LINKS) -> str | None:
    """A link that leads to `device` whatever number it has today; None: there is none."""
    for folder in links:
        for link in sorted(folder.glob("*")):
            if link.resolve() == Path(device).resolve():
                return str(link)
    return None


def numbered(url: str) -> str | None:
    """The device file of a printer's URL if its number is one of the moment; None: it is not."""
    scheme, _, rest = url.partition("://")
    place = rest.partition("?")[0]
    return place if scheme in ("serial", "device") and place.startswith(_NUMBERED) else None


def usb_of(url: str, printers: Path = USB_PRINTERS) -> str | None:
    """The USB device behind a port of this computer, `067b:2303 A10285BI`: vendor, product and, if it has one, serial
    number; None: no USB, or not known. Of a printer on a USB cable of its own the number is the printer's; behind a
    serial adapter it is the adapter's. Takes some milliseconds; a network printer has nothing here."""
    scheme, _, rest = url.partition("://")
    place = rest.partition("?")[0]
    if scheme == "serial":
        return _adapter(place)
    return _usb_printer(Path(place).resolve().name, printers) if scheme == "device" else None


def _adapter(place: str) -> str | None:
    from serial.tools import list_ports  # type: ignore[import-untyped]

    here = str(Path(place).resolve()) if place.startswith("/") else place
    ports: Sequence[Any] = [port for port in list_ports.comports() if port.device == here]
    found = next((port for port in ports if port.vid is not None and port.pid is not None), None)
    return None if found is None else _usb(f"{found.vid:04x}", f"{found.pid:04x}", found.serial_number)


def _usb_printer(name: str, printers: Path) -> str | None:
    """The interface's folder lies in its device's, which has the names."""
    folder = (printers / name / "device").resolve().parent
    vendor, product, number = (_line(folder / fact) for fact in ("idVendor", "idProduct", "serial"))
    return _usb(vendor, product, number) if vendor and product else None


def _line(file: Path) -> str | None:
    try:
        return file.read_text("ascii", "replace").strip() or None
    except OSError:
        return None


def _usb(vendor: str, product: str, number: str | None) -> str:
    plain = "".join(sign for sign in number or "" if sign.isascii() and sign.isprintable())[:64].strip()
    return f"{vendor}:{product} {plain}".strip()
