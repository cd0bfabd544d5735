// Package notebook keeps the labels of one film in the files that `dyade eval` reads,
// and in one that ELAN opens. The files are all there is: who opens them again goes on
// where they stand.
package notebook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"dyade/annotate"
	"dyade/annotate/export"
	"dyade/pipeline/eval/label"
)

// Errors about files, which are left alone.
var (
	ErrForeign = errors.New("it was not written by dyade label, or was changed since")
	ErrChanged = errors.New("another program has changed it meanwhile")
)

// Fault says which file is in the way, and why.
type Fault struct {
	Path string
	Err  error
}

func (f *Fault) Error() string { return fmt.Sprintf("%s: %v", f.Path, f.Err) }

func (f *Fault) Unwrap() error { return f.Err }

// Notebook holds the labels of a film. Its methods may be called from several
// goroutines at once.
type Notebook struct {
	dir, name string
	film      export.EAFFilm
	forms     map[string]label.Form // by track

	mu     sync.Mutex
	labels annotate.Labels
	stands map[string][]byte // what each file holds, by name; nil: there is none
	others map[string]bool   // files that something else wrote
}

const eafEnding = ".eaf"

// Open reads what there is of a film's labels in a folder, which is made if it is
// missing. An error wraps a *Fault where a file cannot be continued.
func Open(dir string, film export.EAFFilm) (*Notebook, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make the folder of the labels: %w", err)
	}
	n := &Notebook{
		dir: dir, name: strings.TrimSuffix(film.Name, filepath.Ext(film.Name)), film: film,
		forms: map[string]label.Form{}, labels: annotate.Labels{}, stands: map[string][]byte{}, others: map[string]bool{},
	}
	for _, t := range annotate.Tracks {
		if err := n.read(t); err != nil {
			return nil, err
		}
	}
	if err := n.look(n.name + eafEnding); err != nil {
		return nil, err
	}
	doc := n.stands[n.name+eafEnding]
	if doc != nil && !export.IsEAF(doc) {
		return nil, n.fault(n.name+eafEnding, ErrForeign)
	}
	if doc == nil {
		return n, nil
	}
	if err := n.writeEAF(); err != nil { // of who was stopped before it was
		return nil, err
	}
	return n, nil
}

// look remembers what a file holds.
func (n *Notebook) look(file string) error {
	doc, err := os.ReadFile(filepath.Join(n.dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return n.fault(file, err)
	}
	n.stands[file] = append([]byte{}, doc...) // empty is not missing
	return nil
}

// read finds the file of a track, and what is labelled in it.
func (n *Notebook) read(t annotate.Track) error {
	forms := label.Forms(t.Name)
	for _, form := range forms {
		if err := n.look(n.name + string(form)); err != nil {
			return err
		}
	}
	there := func(f label.Form) bool { return n.stands[n.name+string(f)] != nil }
	n.forms[t.Name] = forms[max(0, slices.IndexFunc(forms, there))]
	file := n.file(t.Name)
	doc := n.stands[file]
	if doc == nil {
		n.labels[t.Name] = []annotate.Label{}
		return nil
	}
	all, err := label.Read(bytes.NewReader(doc), n.forms[t.Name])
	if err == nil {
		all, err = t.Settled(all)
	}
	if err != nil {
		return n.fault(file, err)
	}
	ours, err := n.text(t.Name, all)
	n.labels[t.Name], n.others[file] = all, !bytes.Equal(ours, doc)
	return err
}

func (n *Notebook) fault(file string, err error) error {
	return fmt.Errorf("continue the labels: %w", &Fault{filepath.Join(n.dir, file), err})
}

func (n *Notebook) file(track string) string { return n.name + string(n.forms[track]) }

func (n *Notebook) text(track string, all []annotate.Label) ([]byte, error) {
	var out bytes.Buffer
	err := label.Write(&out, n.forms[track], n.name, all)
	return out.Bytes(), err
}

// Dir is where the files are.
func (n *Notebook) Dir() string { return n.dir }

// Files are the names of those that labels go to, the one for ELAN last.
func (n *Notebook) Files() []string {
	var names []string
	for _, t := range annotate.Tracks {
		names = append(names, n.file(t.Name))
	}
	return append(names, n.name+eafEnding)
}

// Labels are those that there are.
func (n *Notebook) Labels() annotate.Labels {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.labels
}

// Keep writes labels to their files: what it returned for is on the disk. What
// something else wrote is kept beside, under its name and .before.
func (n *Notebook) Keep(labels annotate.Labels) error {
	labels, err := labels.Settled()
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, t := range annotate.Tracks {
		if slices.Equal(labels[t.Name], n.labels[t.Name]) {
			continue
		}
		doc, err := n.text(t.Name, labels[t.Name])
		if err == nil {
			err = n.write(n.file(t.Name), doc)
		}
		if err != nil {
			return err
		}
		n.labels = with(n.labels, t.Name, labels[t.Name])
	}
	if n.stands[n.name+eafEnding] == nil && empty(labels) {
		return nil
	}
	return n.writeEAF()
}

func empty(labels annotate.Labels) bool {
	for _, all := range labels {
		if len(all) > 0 {
			return false
		}
	}
	return true
}

// with is labels with those of a track changed; others may still read what was.
func with(labels annotate.Labels, track string, all []annotate.Label) annotate.Labels {
	next := annotate.Labels{track: all}
	for name, list := range labels {
		if name != track {
			next[name] = list
		}
	}
	return next
}

func (n *Notebook) writeEAF() error {
	var out bytes.Buffer
	if err := export.EAF(&out, n.film, n.labels); err != nil {
		return err
	}
	if bytes.Equal(out.Bytes(), n.stands[n.name+eafEnding]) {
		return nil
	}
	return n.write(n.name+eafEnding, out.Bytes())
}

// write replaces a file whole, where it still holds what it is known to.
func (n *Notebook) write(file string, doc []byte) error {
	path := filepath.Join(n.dir, file)
	now, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep the labels: %w", err)
	}
	if was := n.stands[file]; (err == nil) != (was != nil) || !bytes.Equal(now, was) {
		return fmt.Errorf("keep the labels: %w", &Fault{path, ErrChanged})
	}
	if n.others[file] {
		if err := aside(path, now); err != nil {
			return fmt.Errorf("keep what was there before: %w", err)
		}
		n.others[file] = false
	}
	if err := replace(path, doc); err != nil {
		return fmt.Errorf("keep the labels: %w", err)
	}
	n.stands[file] = doc
	if err := settle(n.dir); err != nil {
		return fmt.Errorf("keep the labels: %w", err)
	}
	return nil
}

// aside keeps what a file holds under a name that nothing has.
func aside(path string, doc []byte) error {
	for i := 1; ; i++ {
		name := path + ".before"
		if i > 1 {
			name += fmt.Sprint(i)
		}
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		return finish(f, doc)
	}
}

// replace has a file hold all of a document, or stay as it is.
func replace(path string, doc []byte) error {
	fresh := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	f, err := os.Create(fresh)
	if err == nil {
		err = finish(f, doc)
	}
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	return nil
}

// settle has the names of a folder's files outlive a power cut, as far as its file
// system can.
func settle(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

func finish(f *os.File, doc []byte) error {
	_, err := f.Write(doc)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
