package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"dyade/internal/process"
)

// Start starts a command that is killed when the test ends, at the latest when
// this process does, however it does. gone is closed when it has ended; its state
// is then known.
func Start(t testing.TB, cmd *exec.Cmd) (gone <-chan struct{}) {
	t.Helper()
	ended, err := process.Start(cmd, syscall.SIGKILL)
	if err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	return ended
}

// stage tells a process that it is on one.
const stage = "DYADE_TEST_STAGE"

// OnStage tells whether Stage started this process.
func OnStage() bool { return os.Getenv(stage) != "" }

// StageAddress is the stage's for its Hosts: what is to be reached from them
// listens there.
const StageAddress = "10.77.0.1"

// own are the kinds of things of which a stage and each host have their own.
const own = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS

// Stage runs those of this program's tests again that match run and not skip, in a
// process with networks and mounts of its own. There it is root; what it changes
// nobody else sees, and is gone with it.
func Stage(t *testing.T, run, skip string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// In a chroot the mounts' own root cannot be kept apart from here; it may be so already.
	const up = `{ mount --make-rprivate / 2>/dev/null || ! grep -q " shared:" /proc/self/mountinfo; } &&
		ip link set lo up && ip address add ` + StageAddress + `/32 dev lo && exec "$0" "$@"`
	me := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	var told strings.Builder
	for _, how := range []*syscall.SysProcAttr{
		{Cloneflags: own}, // as root
		{Cloneflags: own | syscall.CLONE_NEWUSER, UidMappings: me(os.Getuid()), GidMappings: me(os.Getgid())},
	} {
		cmd := exec.Command("sh", "-c", up, self, "-test.v", "-test.count=1", "-test.run", run, "-test.skip", skip)
		cmd.Env = append(os.Environ(), stage+"=1")
		cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &told, &told, how
		var gone <-chan struct{}
		if gone, err = process.Start(cmd, syscall.SIGKILL); err != nil {
			continue
		}
		<-gone
		t.Logf("on the stage:\n%s", &told)
		if !cmd.ProcessState.Success() || !strings.Contains(told.String(), "--- PASS") {
			t.Errorf("the tests on the stage ended with %s", cmd.ProcessState)
		}
		return
	}
	t.Fatalf("this test makes networks of its own: run it as root, or let users have name spaces (sysctl user.max_user_namespaces): %v", err)
}

// Host is another machine as far as networks and files go.
type Host struct {
	Address string

	t      testing.TB
	holder string // the process that keeps it up
	cable  string // the stage's end
}

// hosts counts them, for their addresses.
var hosts atomic.Int32

// NewHost connects one to the Stage that this process is on. The folders are empty
// there. It is gone when the test ends.
func NewHost(t testing.TB, empty ...string) *Host {
	t.Helper()
	cat := exec.Command("cat")
	cat.SysProcAttr = &syscall.SysProcAttr{Cloneflags: own}
	if _, err := cat.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	Start(t, cat)
	n := hosts.Add(1)
	h := &Host{
		t: t, holder: strconv.Itoa(cat.Process.Pid), cable: fmt.Sprint("cable", n),
		Address: fmt.Sprint(StageAddress[:len(StageAddress)-1], n+1),
	}
	h.must("ip", "link", "add", h.cable, "type", "veth", "peer", "name", "cable", "netns", h.holder)
	h.must("ip", "address", "add", StageAddress, "peer", h.Address, "dev", h.cable)
	h.Mend()
	for _, args := range [][]string{
		{"link", "set", "lo", "up"}, {"address", "add", h.Address, "peer", StageAddress, "dev", "cable"}, {"link", "set", "cable", "up"},
	} {
		h.must("nsenter", append([]string{"-t", h.holder, "-n", "ip"}, args...)...)
	}
	for _, dir := range empty {
		h.must("nsenter", "-t", h.holder, "-m", "-r", "mount", "-t", "tmpfs", "none", dir)
	}
	return h
}

// Command is one to be run on the host.
func (h *Host) Command(name string, args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", h.holder, "-n", "-m", "-r", "-w", "--", name}, args...)...)
}

// Cut takes the host off the network: what is sent to it is lost, and what it
// sends.
func (h *Host) Cut() { h.must("ip", "link", "set", h.cable, "down") }

// Mend puts it back.
func (h *Host) Mend() { h.must("ip", "link", "set", h.cable, "up") }

// Running lists the processes that run on the host.
func (h *Host) Running() (list []string) {
	h.t.Helper()
	own, err := os.Readlink("/proc/" + h.holder + "/ns/net")
	if err != nil {
		h.t.Fatal(err)
	}
	all, err := filepath.Glob("/proc/[0-9]*/ns/net")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, path := range all {
		pid := strings.Split(path, "/")[2]
		if net, err := os.Readlink(path); err == nil && net == own && pid != h.holder {
			doc, _ := os.ReadFile("/proc/" + pid + "/cmdline") // it may have ended
			list = append(list, strings.ReplaceAll(string(doc), "\x00", " "))
		}
	}
	return list
}

func (h *Host) must(name string, args ...string) {
	h.t.Helper()
	if msg, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		h.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, msg)
	}
}
