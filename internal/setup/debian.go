package setup

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

//go:embed debian.txt
var debianList string

// DebianPackage is a package to be there, or a command in its stead.
type DebianPackage struct {
	Name    string
	Command string // does as well when it is in the path; may be empty
}

// DebianPackages is the list that the project needs.
func DebianPackages() []DebianPackage { return parseDebian(debianList) }

func parseDebian(list string) []DebianPackage {
	var packages []DebianPackage
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		switch words := strings.Fields(line); len(words) {
		case 0:
		case 1:
			packages = append(packages, DebianPackage{Name: words[0]})
		default:
			packages = append(packages, DebianPackage{Name: words[0], Command: words[1]})
		}
	}
	return packages
}

// MissingDebian are the names of the packages that are not installed.
func MissingDebian(ctx context.Context, packages []DebianPackage) ([]string, error) {
	if len(packages) == 0 {
		return nil, nil
	}
	args := []string{"-W", "-f", "${db:Status-Abbrev} ${Package}\n"}
	for _, p := range packages {
		args = append(args, p.Name)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "dpkg-query", args...)
	cmd.Stdout = &out
	// dpkg-query ends with 1 where it knows nothing of one of them.
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("ask dpkg-query which packages are installed: %w", err)
	}
	there := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == "ii" {
			there[words[1]] = true
		}
	}
	var missing []string
	for _, p := range packages {
		if there[p.Name] {
			continue
		}
		if p.Command != "" {
			if _, err := exec.LookPath(p.Command); err == nil {
				continue
			}
		}
		missing = append(missing, p.Name)
	}
	return missing, nil
}

func (s *Setup) installDebian(ctx context.Context) error {
	missing, err := MissingDebian(ctx, s.Debian)
	if err != nil {
		return &Failure{"looking for Debian packages", "use a Debian 12 (bookworm) machine", err}
	}
	if len(missing) == 0 {
		return nil
	}
	byHand := "as root, run `apt-get update && apt-get install --no-install-recommends " +
		strings.Join(missing, " ") + "`, then `make setup` again"
	if name := release(); name != "bookworm" {
		return &Failure{"installing Debian packages", "use a Debian 12 (bookworm) machine",
			fmt.Errorf("this machine is %q, whose FFmpeg and OpenCV are other versions", name)}
	}
	var sudo []string
	if os.Geteuid() != 0 {
		if _, err := exec.LookPath("sudo"); err != nil {
			return &Failure{"installing Debian packages", byHand, errors.New("neither root nor sudo is at hand")}
		}
		sudo = []string{"sudo"}
	}
	s.say("Debian packages: installing %s and what they need (some minutes)", strings.Join(missing, " "))
	if err := s.aptInstall(ctx, sudo, missing); err != nil {
		return &Failure{"installing Debian packages", byHand, err}
	}
	return nil
}

// aptInstall runs apt-get, with sudo in front where it is not empty.
func (s *Setup) aptInstall(ctx context.Context, sudo, packages []string) error {
	root := func(args ...string) error {
		args = append(append(sudo, "env", "DEBIAN_FRONTEND=noninteractive"), args...)
		return run(ctx, s.Root, args[0], args[1:]...)
	}
	// Only the installation decides: one stale source among many is no reason to stop.
	updated := root("apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "update")
	install := append([]string{"apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600",
		"install", "--no-install-recommends"}, packages...)
	err := root(install...)
	if err != nil && interrupted() {
		if err = root("dpkg", "--configure", "-a"); err == nil {
			err = root(install...)
		}
	}
	if err != nil && updated != nil {
		return fmt.Errorf("%w; before that, %w", err, updated)
	}
	return err
}

// interrupted tells whether dpkg was killed at work: apt then refuses to do
// anything until dpkg has put its own books in order.
func interrupted() bool {
	left, err := os.ReadDir("/var/lib/dpkg/updates")
	return err == nil && len(left) > 0
}

// release is the code name of the machine's system, "" where it has none.
func release() string {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "VERSION_CODENAME="); ok {
			return strings.Trim(name, `"`)
		}
	}
	return ""
}
