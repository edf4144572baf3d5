"""A command that root calls acts as the one whose files it works on: what root wrote among them the service could
neither read nor write afterwards, and it would not start."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


def act_as_owner(folder: Path) -> str | None:
    """Become the owner of `folder`, or of the nearest one above it that is there, for good; the name, if that is new.

    Nothing changes on Windows, for others than root, for what is root's, and for an owner without a name.
    """
    if sys.platform != "win32" and os.geteuid() == 0:
        import pwd

        place = next(one for one in (folder, *folder.parents) if one.exists())
        with contextlib.suppress(KeyError):
            owner = pwd.getpwuid(place.stat().st_uid)
            if owner.pw_uid != 0:
                os.initgroups(owner.pw_name, owner.pw_gid)
                os.setgid(owner.pw_gid)
                os.setuid(owner.pw_uid)
                os.environ["HOME"] = owner.pw_dir
                return owner.pw_name
    return None
