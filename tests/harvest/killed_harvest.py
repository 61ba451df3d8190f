"""A harvest in a process of its own, which kills itself without warning: `killed_harvest.py FOLDER PASSES`."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from harvest_world import job
from made_up_source import MadeUpSource

from benchmark.harvest.source import Activations, Window
from benchmark.harvest.stream import harvest


class Mortal(MadeUpSource):
    left = 0

    def activations(self, windows: Sequence[Window]) -> Activations:
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return super().activations(windows)


if __name__ == "__main__":
    source = Mortal()
    source.left = int(sys.argv[2])
    harvest(job(source), Path(sys.argv[1]), print)
