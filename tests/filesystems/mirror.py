"""A read-only medium over a folder: names, sizes and listings are the folder's own."""
import errno, os
from fusepy import FuseOSError, Operations

class Mirror(Operations):
    def __init__(self, source):
        self.source = source
    def path(self, path):
        return os.path.join(self.source, path.lstrip('/'))
    def getattr(self, path, fh=None):
        try:
            facts = os.lstat(self.path(path))
        except OSError:
            raise FuseOSError(errno.ENOENT)
        return dict(st_mode=facts.st_mode, st_nlink=facts.st_nlink, st_size=facts.st_size, st_mtime=facts.st_mtime)
    def readdir(self, path, fh):
        return ['.', '..'] + os.listdir(self.path(path))
