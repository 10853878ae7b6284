"""A medium that turns: what it gives is right the first time, byte by byte, and another value from then on.

    turncoat.py MOUNT SOURCE
"""
import os, sys
from fusepy import FUSE

# Nothing is to be left beside the sources.
sys.dont_write_bytecode = True
from mirror import Mirror

mount, source = sys.argv[1], sys.argv[2]
given = {}

class Medium(Mirror):
    def read(self, path, length, offset, fh):
        with open(self.path(path), 'rb') as file:
            file.seek(offset)
            piece = bytearray(file.read(length))
        seen = given.setdefault(path, bytearray(os.path.getsize(self.path(path))))
        for at in range(len(piece)):
            piece[at] ^= seen[offset + at]
            seen[offset + at] = 1
        return bytes(piece)

FUSE(Medium(source), mount, foreground=True, nothreads=True, direct_io=True, ro=True)
