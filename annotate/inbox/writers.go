package inbox

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// writers is who has a file open to write.
type writers int

const (
	unseen writers = iota // it cannot be told
	nobody
	somebody
)

// remote are the file systems whose writers are on other machines.
var remote = map[int64]bool{unix.NFS_SUPER_MAGIC: true, unix.SMB_SUPER_MAGIC: true, unix.SMB2_SUPER_MAGIC: true, unix.CIFS_SUPER_MAGIC: true, unix.FUSE_SUPER_MAGIC: true}

// writersOf asks the system. It gives a lease for reading only on what nobody has open
// to write; we want none, and let it go at once.
func writersOf(f *os.File) writers {
	w := unseen
	conn, err := f.SyscallConn()
	if err != nil {
		return w
	}
	// What hinders it makes it unseen.
	_ = conn.Control(func(fd uintptr) {
		var fs unix.Statfs_t
		if unix.Fstatfs(int(fd), &fs) != nil || remote[fs.Type] {
			return
		}
		_, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK)
		switch {
		case err == nil:
			w = nobody
			_, _ = unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK)
		case errors.Is(err, unix.EAGAIN):
			w = somebody
		}
	})
	return w
}
