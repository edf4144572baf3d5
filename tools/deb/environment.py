"""The package's own Python environment: what the wheel needs, without pip, and without what nothing of ours reads."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

LEFT_OUT = (
    ("bin", "the programs of libraries"),
    ("**/tests", "the tests of libraries"),
    ("securesystemslib/_vendor/ed25519/test_data", "vectors of its tests, two thirds of it"),
    ("**/*.pyi", "stubs are for checkers"),
    ("**/*.pyx", "sources of what is compiled"),
    ("**/*.pxd", "the same"),
    ("**/*.c", "the same"),
    ("**/*.h", "the same"),
    ("*.dist-info/direct_url.json", "a path of the machine that built it"),
    ("pylopdf_fonts_zh_cn/NotoSerifSC-Regular.otf", "labels are set in the sans face alone"),
    ("PIL/_avif*", "no picture of ours is AVIF; Pillow asks whether it can and goes on"),
    ("pillow.libs/libavif*", "the same"),
    ("pygments/lexers/_[a-l,n-z]*.py", "no program's text is coloured; `_mapping` alone is asked"),
    ("pygments/lexers/[a-z]*.py", "the same"),
)
"""Patterns below site-packages, and why nobody misses them. What is asked for at start stays."""

HOME = "usr/lib/edge-agent"
PROGRAM = f"""\
#!/{HOME}/bin/python3 -IB
# I: neither what the caller's folder holds nor what PYTHONPATH names gets in. B: nothing is written beside the files.
from edge_agent.cli import main

main()
"""


def build_environment(stage: Path, wheel: Path) -> None:
    """Installs `wheel` and all it needs into `stage`, below usr/lib, for the Python that runs this (Debian's own must
    be of the same version). pip asks the package index."""
    packages = stage / HOME / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--target", str(packages), str(wheel)]
    subprocess.run(pip, check=True)
    for pattern, _ in LEFT_OUT:
        for place in sorted(packages.glob(pattern)):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    strip(packages)
    compile_all(packages, stage)


def make_bare(stage: Path) -> None:
    """What makes a virtual environment of the folder, venv's own `pyvenv.cfg`, and the program."""
    home = stage / HOME
    (home / "bin").mkdir(parents=True, exist_ok=True)
    (home / "bin" / "python3").symlink_to("/usr/bin/python3")
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", encoding="ascii")
    (home / "bin" / "edge-agent").write_text(PROGRAM, encoding="ascii")
    (home / "bin" / "edge-agent").chmod(0o755)


def strip(packages: Path) -> None:
    """Takes debugging symbols out of compiled modules, a third of them. The libraries in `*.libs` stay: their layout
    was changed after linking, and strip may break such. Without binutils nothing is stripped."""
    if (program := shutil.which("strip")) is not None:
        for module in (one for one in packages.rglob("*.so") if not one.parent.name.endswith(".libs")):
            subprocess.run([program, "--strip-unneeded", str(module)], check=True)


def compile_all(packages: Path, stage: Path) -> None:
    """Compiles for the place where it will lie, never to be checked or written again: nobody but dpkg changes it."""
    compileall.compile_dir(
        packages,
        quiet=2,
        stripdir=str(stage),
        prependdir=os.sep,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
