package i18n

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"
)

//go:embed text/*.json
var files embed.FS

// forms are the wordings of one text in one language; one is empty where the
// words do not change with a number.
type forms struct{ one, other string }

type texts [len(Langs)]forms

// catalogue is read once. The files are part of the binary and a test reads
// them, so a fault in one is a fault of the build.
var catalogue = sync.OnceValue(func() map[string]texts {
	all, err := load(files)
	if err != nil {
		panic(err)
	}
	return all
})

func load(fsys fs.FS) (map[string]texts, error) {
	names, err := fs.Glob(fsys, "text/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]texts{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if err := loadFile(all, data); err != nil {
			return nil, fmt.Errorf("reading texts: %s: %w", name, err)
		}
	}
	return all, nil
}

// loadFile adds one file's texts to all. It reads token by token, because a
// key written twice in a file would otherwise silently lose its first text.
func loadFile(all map[string]texts, data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key := t.(string) // a member of an object starts with its name
		if _, twice := all[key]; twice {
			return fmt.Errorf("%s stands twice", key)
		}
		var entry struct{ FR, EN *forms }
		if err := dec.Decode(&entry); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if entry.FR == nil || entry.EN == nil {
			return fmt.Errorf("%s: needs fr and en", key)
		}
		all[key] = texts{French: entry.FR.set(French), English: entry.EN.set(English)}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the object")
	}
	return nil
}

// UnmarshalJSON reads "text" or {"one": "text", "other": "text"}.
func (f *forms) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &f.other); err == nil && f.other != "" {
		return nil
	}
	var both struct{ One, Other string }
	if err := json.Unmarshal(data, &both); err != nil || both.One == "" || both.Other == "" {
		return errors.New(`neither a text nor {"one", "other"}`)
	}
	f.one, f.other = both.One, both.Other
	return nil
}

func (f *forms) set(l Lang) forms { return forms{typeset(l, f.one), typeset(l, f.other)} }

const nbsp = "\u00a0"

var (
	beforeMark = regexp.MustCompile(` ([;:!?»]|%%)`)
	beforeUnit = regexp.MustCompile(`(%[-+.0-9]*[a-z]|[0-9]) (s|min|h|px|Hz|kHz|Mo|MB)\b`)
)

// typeset puts the apostrophe and the spaces that must not break: in French
// before ; : ! ? » and the per cent sign and after «, in both languages between
// a number and its unit. The files then hold what a keyboard gives, which a
// writer cannot get wrong unseen.
func typeset(l Lang, s string) string {
	s = strings.ReplaceAll(s, "'", "’")
	s = beforeUnit.ReplaceAllString(s, "$1"+nbsp+"$2")
	if l == French {
		s = strings.ReplaceAll(beforeMark.ReplaceAllString(s, nbsp+"$1"), "« ", "«"+nbsp)
	}
	return s
}

// pick chooses the form for the first numeric argument: French has the singular
// below two, English for one alone.
func (f forms) pick(l Lang, args []any) string {
	if f.one == "" {
		return f.other
	}
	for _, a := range args {
		var n float64
		switch v := a.(type) {
		case int:
			n = float64(v)
		case float64:
			n = v
		default:
			continue
		}
		if n == 1 || l == French && n > -2 && n < 2 {
			return f.one
		}
		break
	}
	return f.other
}
