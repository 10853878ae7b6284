"""A medium that is as slow as a stick: what lies in SOURCE, at so many bytes a second.

    throttled.py MOUNT SOURCE BYTES_A_SECOND
"""
import os, sys, time
from fusepy import FUSE

# Nothing is to be left beside the sources.
sys.dont_write_bytecode = True
from mirror import Mirror

mount, source, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
due = 0.0

class Medium(Mirror):
    def open(self, path, flags):
        return os.open(self.path(path), os.O_RDONLY)
    def release(self, path, fh):
        os.close(fh)
    def read(self, path, length, offset, fh):
        global due
        piece = os.pread(fh, length, offset)
        now = time.monotonic()
        # Whoever comes later than the medium was ready finds it idle, and waits for no more than its own bytes.
        due = max(due, now) + len(piece) / rate
        time.sleep(max(0.0, due - now))
        return piece

FUSE(Medium(source), mount, foreground=True, nothreads=True, ro=True)
