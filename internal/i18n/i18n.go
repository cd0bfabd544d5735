// Package i18n holds every text that people read, French first and English
// complete, side by side in text/*.json: one file per part of the program, one
// key per text. A new text is a new line there.
//
// A text may hold fmt verbs; %.1f writes the language's own decimal mark. Where
// the words change with a number, the text is {"one": …, "other": …} and the
// first numeric argument decides.
package i18n

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Lang is a language of the catalogue; the zero value is French.
type Lang int

// Languages.
const (
	French Lang = iota
	English
)

// Langs lists the languages, the first being the one used when nothing else is said.
var Langs = [...]Lang{French, English}

// ErrLang is wrapped by errors of Parse.
var ErrLang = errors.New("not a language of dyade")

// String gives the tag of BCP 47: fr, en.
func (l Lang) String() string {
	if l == English {
		return "en"
	}
	return "fr"
}

// Parse reads a tag (fr, en-CA) or a locale (fr_CA.UTF-8). Errors wrap ErrLang.
func Parse(s string) (Lang, error) {
	tag, _, _ := strings.Cut(strings.ToLower(s), ".")
	tag, _, _ = strings.Cut(tag, "@")
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	switch tag {
	case "fr", "fra", "fre":
		return French, nil
	case "en", "eng":
		return English, nil
	}
	return French, fmt.Errorf("%q: %w (fr, en)", s, ErrLang)
}

// FromEnv is the language of the environment: LC_ALL, then LC_MESSAGES, then
// LANG, the first that is set. French where it says nothing that the catalogue
// has, such as C or POSIX.
func FromEnv() Lang { return fromEnv(os.Getenv) }

func fromEnv(get func(string) string) Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := get(name); v != "" {
			l, _ := Parse(v)
			return l
		}
	}
	return French
}

// T is the text of key in l, its verbs filled with args. A key that the
// catalogue lacks gives the key itself; Has tells beforehand.
func T(l Lang, key string, args ...any) string {
	texts, ok := catalogue()[key]
	if !ok {
		return key
	}
	text := texts[l].pick(l, args)
	shown := make([]any, len(args))
	for i, a := range args {
		shown[i] = a
		if f, ok := a.(float64); ok {
			shown[i] = number{f, l}
		}
	}
	return fmt.Sprintf(text, shown...)
}

// Has tells whether the catalogue holds key.
func Has(key string) bool {
	_, ok := catalogue()[key]
	return ok
}
