// Package manifest says which things made by others dyade needs beside its own
// code, where each comes from, exactly, and how to know it when it is there. It
// is pure Go, so that set-up builds before anything is installed.
package manifest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed manifest.json
var embedded []byte

// Schema names the form of the manifest.
const Schema = "dyade.manifest/1"

// ErrInvalid is wrapped by every error of Parse.
var ErrInvalid = errors.New("not a valid manifest")

// Registry is the kind of client that fetches a package.
type Registry string

// Registries.
const (
	PyPI   Registry = "pypi"
	NPM    Registry = "npm"
	Debian Registry = "debian"
)

// Use tells who needs a thing, and with it the folder that it goes to.
type Use string

// Uses.
const (
	Run    Use = "run"    // the program: share/dyade
	Sample Use = "sample" // the maker of the sample recording: share/sample
	Tool   Use = "tool"   // the tests: share/tools
)

// Dir is the folder of a use, inside share.
func (u Use) Dir() string {
	switch u {
	case Run:
		return "dyade"
	case Sample:
		return "sample"
	default:
		return "tools"
	}
}

// Change is what set-up does to a file after it has been unpacked.
type Change string

// Changes.
const (
	None Change = ""
	// DynamicShape frees the batch, height and width of a network's pictures,
	// which its maker fixed, and takes its weights from among its inputs.
	DynamicShape Change = "dynamic_shape"
	// SpeakerEncoder turns the weights of a speaker encoder into a network.
	SpeakerEncoder Change = "speaker_encoder"
	// SpeakerDivider turns the weights of a network that tells when who speaks into a
	// network.
	SpeakerDivider Change = "speaker_divider"
)

// WholePackage is the member of an entry that installs all of a package's files.
const WholePackage = "."

// Package is one file of a registry.
type Package struct {
	Registry Registry `json:"registry"`
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	SHA256   string   `json:"sha256"` // of the wheel, the tarball or the archive
}

func (p Package) String() string { return fmt.Sprintf("%s %s (%s)", p.Name, p.Version, p.Registry) }

// Entry is one thing to install.
type Entry struct {
	Name    string  `json:"name"`
	Package Package `json:"-"`
	Use     Use     `json:"use"`
	Member  string  `json:"member"` // path inside the package, or WholePackage
	Change  Change  `json:"change,omitempty"`
	File    string  `json:"file"`   // path inside the use's folder, with slashes
	SHA256  string  `json:"sha256"` // of the installed file, after Change; of a folder: see Sum
	Licence string  `json:"licence"`
	For     string  `json:"for"`
	Input   string  `json:"input,omitempty"` // of a network: form of what it takes and gives
}

// Path of the installed thing inside share, with slashes.
func (e Entry) Path() string { return path.Join(e.Use.Dir(), e.File) }

type document struct {
	Schema   string `json:"schema"`
	Packages []struct {
		Package
		Things []Entry `json:"things"`
	} `json:"packages"`
}

var load = sync.OnceValue(func() []Entry {
	entries, err := Parse(bytes.NewReader(embedded))
	if err != nil {
		panic(err) // the embedded manifest is part of the program; a test parses it
	}
	return entries
})

// Entries are the things that this version of dyade needs, in the manifest's
// order.
func Entries() []Entry { return append([]Entry(nil), load()...) }

// Bytes is the manifest as it was written, to tell versions of it apart.
func Bytes() []byte { return bytes.Clone(embedded) }

// Parse reads a manifest and refuses whatever it does not know. Errors wrap
// ErrInvalid.
func Parse(r io.Reader) ([]Entry, error) {
	var doc document
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if doc.Schema != Schema {
		return nil, fmt.Errorf("%w: schema %q is not %q", ErrInvalid, doc.Schema, Schema)
	}
	var entries []Entry
	names, paths := map[string]bool{}, map[string]bool{}
	for _, p := range doc.Packages {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%w: package %q: %w", ErrInvalid, p.Name, err)
		}
		for _, e := range p.Things {
			e.Package = p.Package
			if err := e.check(); err != nil {
				return nil, fmt.Errorf("%w: thing %q: %w", ErrInvalid, e.Name, err)
			}
			if names[e.Name] || paths[e.Path()] {
				return nil, fmt.Errorf("%w: thing %q or its file is there twice", ErrInvalid, e.Name)
			}
			names[e.Name], paths[e.Path()] = true, true
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// Names and versions go to package clients as arguments: they must not look
// like options, addresses or folders.
var (
	packageName = regexp.MustCompile(`^(@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*$`)
	thingName   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	version     = regexp.MustCompile(`^[0-9][0-9A-Za-z.+~-]*$`)
	sum         = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (p Package) check() error {
	switch {
	case !slices.Contains([]Registry{PyPI, NPM, Debian}, p.Registry):
		return fmt.Errorf("registry %q is not known", p.Registry)
	case !packageName.MatchString(p.Name):
		return errors.New("the name is not a package's")
	case !version.MatchString(p.Version):
		return fmt.Errorf("version %q is not exact", p.Version)
	case !sum.MatchString(p.SHA256):
		return errors.New("sha256 is not 64 hexadecimal digits")
	}
	return nil
}

func (e Entry) check() error {
	switch {
	case !thingName.MatchString(e.Name):
		return errors.New("the name has other characters than a-z, 0-9 and -")
	case e.Use != Run && e.Use != Sample && e.Use != Tool:
		return fmt.Errorf("use %q is not known", e.Use)
	case !slices.Contains([]Change{None, DynamicShape, SpeakerEncoder, SpeakerDivider}, e.Change):
		return fmt.Errorf("change %q is not known", e.Change)
	case e.Member != WholePackage && !inside(e.Member):
		return fmt.Errorf("member %q is not a path inside a package", e.Member)
	case !inside(e.File):
		return fmt.Errorf("file %q is not a path inside a folder", e.File)
	case !sum.MatchString(e.SHA256):
		return errors.New("sha256 is not 64 hexadecimal digits")
	case e.Licence == "" || e.For == "":
		return errors.New("the licence or what it is for is missing")
	}
	return nil
}

func inside(p string) bool {
	return p != "" && p != "." && !path.IsAbs(p) && path.Clean(p) == p &&
		p != ".." && !strings.HasPrefix(p, "../") && !strings.ContainsAny(p, "\\\x00")
}
