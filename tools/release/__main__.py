"""`python -m tools.release COMMAND`: everything that is done to a repository of updates, one command for each act."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import RepositoryError
from tuf.api.serialization import DeserializationError

from tools.release import keys, releases, roots
from tools.release.repository import DAYS, ReleaseError, Repository

FILES = (
    "the wheel with the wheels that it needs, or the .deb: names and versions are read from the files' names, "
    "edge_agent-V-….whl and edge-agent_V_ARCH.deb"
)


def main(words: list[str] | None = None) -> None:
    """Do one command; exit 1 with one line if it is refused."""
    given = _parser().parse_args(words)
    try:
        print(given.do(given))
    except (ReleaseError, RepositoryError, DeserializationError, StorageError, OSError) as cause:
        sys.exit(f"release: {cause}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _keys(commands)
    _roots(commands)
    _releases(commands)
    show = commands.add_parser("show", help="versions, ends and signatures of all lists")
    show.add_argument("repository", type=Path)
    show.set_defaults(do=lambda given: Repository(given.repository).told())
    return parser


def _keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    key = commands.add_parser("key", help="a new key: FILE is secret, FILE.pub is not")
    key.add_argument("file", type=Path)
    key.add_argument("--unlocked", action="store_true", help="without a passphrase, for a key that signs by itself")
    key.set_defaults(do=lambda given: keys.make(given.file, locked=not given.unlocked))


def _roots(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    root = commands.add_parser("root", help="draft the next root: whose keys count; then sign and publish it")
    root.add_argument("repository", type=Path)
    for role in roots.ROLES:
        root.add_argument(f"--{role}", type=Path, nargs="+", required=True, metavar="KEY.pub")
    root.add_argument("--threshold", type=int, default=2, help="how many root keys must sign (default 2)")
    root.add_argument("--days", type=int, default=DAYS["root"], help="how long it holds (default %(default)s)")
    root.add_argument("--test", action="store_true", help="a build with this root refuses to update")
    root.set_defaults(
        do=lambda given: roots.draft(
            Repository(given.repository),
            {role: [keys.public(one) for one in getattr(given, role)] for role in roots.ROLES},
            threshold=given.threshold,
            days=given.days,
            test=given.test,
        )
    )
    sign = commands.add_parser("sign", help="sign the drafted root with one key, best on a computer without a network")
    sign.add_argument("draft", type=Path, help="REPOSITORY/root-draft.json")
    sign.add_argument("key", type=Path)
    sign.set_defaults(do=lambda given: roots.sign(given.draft, keys.signer(given.key)))
    publish = commands.add_parser("publish", help="put the drafted root in force, once enough keys have signed")
    publish.add_argument("repository", type=Path)
    publish.set_defaults(do=lambda given: roots.publish(Repository(given.repository)))


def _releases(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = commands.add_parser("add", help="add a release; nobody is offered it before the next stamp")
    add.add_argument("repository", type=Path)
    add.add_argument("files", type=Path, nargs="+", help=FILES)
    withdraw = commands.add_parser("withdraw", help="offer a version no longer")
    withdraw.add_argument("repository", type=Path)
    withdraw.add_argument("version")
    renew = commands.add_parser("renew", help="sign the same list for another year")
    renew.add_argument("repository", type=Path)
    for one in (add, withdraw, renew):
        one.add_argument("--key", type=Path, required=True, help="the key of the role targets")
        one.add_argument("--days", type=int, default=DAYS["targets"], help="how long the list holds (%(default)s)")
    add.set_defaults(
        do=lambda given: releases.add(Repository(given.repository), given.files, keys.signer(given.key), given.days)
    )
    withdraw.set_defaults(
        do=lambda given: releases.withdraw(
            Repository(given.repository), given.version, keys.signer(given.key), given.days
        )
    )
    renew.set_defaults(
        do=lambda given: releases.renew(Repository(given.repository), keys.signer(given.key), given.days)
    )
    stamp = commands.add_parser("stamp", help="say that this is the newest list: after add, and by itself every week")
    stamp.add_argument("repository", type=Path)
    stamp.add_argument("--snapshot", type=Path, required=True, metavar="KEY")
    stamp.add_argument("--timestamp", type=Path, required=True, metavar="KEY")
    stamp.add_argument("--days", type=int, default=DAYS["timestamp"], help="how long it is believed (%(default)s)")
    stamp.set_defaults(
        do=lambda given: releases.stamp(
            Repository(given.repository),
            keys.signer(given.snapshot),
            keys.signer(given.timestamp),
            now=datetime.now(UTC),
            days=given.days,
        )
    )


if __name__ == "__main__":
    main()
