"""Folders that will be written: tried before minutes are spent."""

import os
from pathlib import Path
from tempfile import TemporaryFile

from benchmark.errors import UserError


def writable(folder: Path, named: str, mend: str) -> None:
    """Refuse a folder that cannot be made or written; nothing is left behind.

    Args:
        folder: it need not be there yet.
        named: what the user called it by, such as "--out".
        mend: what to do instead.

    Raises:
        UserError: it is a file or lies below one, is closed to us, or its name is too long.
    """
    place = folder.absolute()
    try:
        there = next(each for each in (place, *place.parents) if each.exists())
        with TemporaryFile(dir=there):
            longest = os.pathconf(there, "PC_NAME_MAX")
    except OSError as error:
        raise UserError(f"{named}: {folder} cannot be written ({error.strerror}); {mend}") from None
    if any(len(os.fsencode(part)) > longest for part in place.relative_to(there).parts):
        raise UserError(f"{named}: {folder} cannot be written (a name in it is too long); {mend}")
