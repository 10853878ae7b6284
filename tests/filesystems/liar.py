"""A device that lies: one file, `disk`, to be attached as a loop device.

    liar.py MOUNT BYTES HOW FROM

HOW it lies about everything from byte FROM on:
  lose     writes there are lost, and zeros come back: less room than it says
  wrap     what is written there lands where something else lies already
  flip     a byte in every MiB comes back with another value
  flicker  the same, but only every other time it is read
"""
import errno, stat, sys
from fusepy import FUSE, FuseOSError, Operations

mount, size, how, begin = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
MIB = 1 << 20
data = bytearray(size)
seen = {}

def place(at):
    # the second half of what is real is used over and over
    return at if how != 'wrap' or at < begin else begin // 2 + (at - begin) % (begin // 2)

class Device(Operations):
    def getattr(self, path, fh=None):
        if path == '/':
            return dict(st_mode=stat.S_IFDIR | 0o755, st_nlink=2)
        if path == '/disk':
            return dict(st_mode=stat.S_IFREG | 0o600, st_nlink=1, st_size=size)
        raise FuseOSError(errno.ENOENT)
    def readdir(self, path, fh):
        return ['.', '..', 'disk']
    def write(self, path, piece, offset, fh):
        if how == 'wrap':
            for at in range(0, len(piece), 512):
                here = place(offset + at)
                data[here:here + 512] = piece[at:at + 512]
        else:
            real = len(piece) if how != 'lose' else max(0, min(len(piece), begin - offset))
            data[offset:offset + real] = piece[:real]
        return len(piece)
    def read(self, path, length, offset, fh):
        if how == 'wrap':
            return b''.join(bytes(data[place(at):place(at) + 512]) for at in range(offset, min(size, offset + length), 512))
        piece = bytearray(data[offset:offset + length])
        if how in ('flip', 'flicker'):
            first = max(begin, (offset + MIB - 1) // MIB * MIB)
            for at in range(first, offset + len(piece), MIB):
                seen[at] = seen.get(at, 0) + 1
                if how == 'flip' or seen[at] % 2:
                    piece[at - offset] ^= 1
        return bytes(piece)

FUSE(Device(), mount, foreground=True, nothreads=True, direct_io=True)
