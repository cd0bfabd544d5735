package schema_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dyade/annotate"
	docs "dyade/docs/schema"
	"dyade/internal/i18n"
	"dyade/internal/schema"
)

type object = map[string]any

func example(t *testing.T) object {
	t.Helper()
	data, err := os.ReadFile("testdata/moments.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc object
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func validate(t *testing.T, doc any) error {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate("moments", bytes.NewReader(data))
}

func TestValidateAccepts(t *testing.T) {
	in := func(doc object, key string) object { return doc[key].(object) }
	for name, change := range map[string]func(object){
		"the example": func(object) {},
		"sound only":  func(d object) { in(d, "recording")["video"] = nil },
		"silent":      func(d object) { in(d, "recording")["audio"] = nil; d["speech"] = []any{} },
		"nothing found": func(d object) {
			d["moments"], d["people"], d["quality"], d["coach"] = []any{}, []any{}, []any{}, []any{}
		},
		"odd name": func(d object) { in(d, "recording")["name"] = "<script>\u202e.mp4" },
	} {
		t.Run(name, func(t *testing.T) {
			doc := example(t)
			change(doc)
			if err := validate(t, doc); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestValidateRefuses(t *testing.T) {
	first := func(doc object, key string) object { return doc[key].([]any)[0].(object) }
	for name, change := range map[string]func(object){
		"another version":         func(d object) { d["schema"] = "dyade.moments/2" },
		"a field too many":        func(d object) { d["__proto__"] = object{} },
		"a field too many, deep":  func(d object) { first(d, "moments")["emotion"] = "joy" },
		"no moments":              func(d object) { delete(d, "moments") },
		"moments null":            func(d object) { d["moments"] = nil },
		"an unheard-of kind":      func(d object) { first(d, "moments")["kind"] = "attachment" },
		"an unheard-of cue":       func(d object) { first(first(d, "moments"), "evidence")["cue"] = "smile" },
		"score above one":         func(d object) { first(d, "moments")["score"] = 1.01 },
		"unknown below zero":      func(d object) { first(d, "moments")["unknown"] = -0.1 },
		"score as text":           func(d object) { first(d, "moments")["score"] = "0.9" },
		"people null":             func(d object) { first(d, "moments")["people"] = nil },
		"a person twice":          func(d object) { first(d, "moments")["people"] = []any{"p1", "p1"} },
		"ticks with a fraction":   func(d object) { first(d, "moments")["start"].(object)["ticks"] = 1.5 },
		"a base of zero":          func(d object) { first(d, "moments")["start"].(object)["base"].(object)["den"] = 0 },
		"before the start":        func(d object) { first(d, "moments")["start_s"] = -1 },
		"an unheard-of role":      func(d object) { first(d, "people")["role"] = "mother" },
		"an unheard-of warning":   func(d object) { first(d, "quality")["code"] = "bad_parent" },
		"four at once":            func(d object) { c := first(d, "coach"); d["coach"] = []any{c, c, c, c} },
		"a fingerprint too short": func(d object) { d["recording"].(object)["sha256"] = "7c" },
		"rotation by 45":          func(d object) { d["recording"].(object)["video"].(object)["rotation"] = 45 },
	} {
		t.Run(name, func(t *testing.T) {
			doc := example(t)
			change(doc)
			if err := validate(t, doc); err == nil {
				t.Error("accepted")
			}
		})
	}
	for _, text := range []string{"", "null", "[]", `{"schema":`, "{} {}", "\xff"} {
		if err := schema.Validate("moments", strings.NewReader(text)); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}

func TestValidateUnknownSchema(t *testing.T) {
	for _, name := range []string{"nothing", "../moments", ""} {
		if err := schema.Validate(name, strings.NewReader("{}")); err == nil {
			t.Errorf("a schema %q was found", name)
		}
	}
}

// enum lists the values that the schema of moments.json allows for a field.
func enum(t *testing.T, definition, field string) []string {
	t.Helper()
	data, err := docs.Files.ReadFile("moments.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Defs map[string]struct {
			Properties map[string]struct{ Enum []any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, v := range root.Defs[definition].Properties[field].Enum {
		values = append(values, v.(string))
	}
	if len(values) == 0 {
		t.Fatalf("%s.%s has no list of values", definition, field)
	}
	return values
}

// TestMomentsValuesAreExplained: what moments.json may say has words in the
// catalogue and a place in docs/formats.md.
func TestMomentsValuesAreExplained(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ definition, field, key string }{
		{"warning", "code", "quality_"}, {"person", "role", "role_"}, {"utterance", "voice", "voice_"},
		{"moment", "kind", "kind_"}, {"evidence", "cue", "cue_"},
	} {
		for _, value := range enum(t, f.definition, f.field) {
			if !i18n.Has(f.key + value) {
				t.Errorf("no text %s%s", f.key, value)
			}
			if !bytes.Contains(page, []byte("`"+value+"`")) {
				t.Errorf("docs/formats.md does not explain `%s`", value)
			}
		}
	}
	for _, unit := range enum(t, "evidence", "unit") {
		if !bytes.Contains(page, []byte("`"+unit+"`")) {
			t.Errorf("docs/formats.md does not explain `%s`", unit)
		}
	}
}

// TestMomentsMatchesType holds the schema to annotate.Analysis: the same
// fields, all required, of the same JSON types.
func TestMomentsMatchesType(t *testing.T) {
	root := load(t, "moments")
	c := comparison{t: t, defs: root["$defs"].(object)}
	c.compare("moments.json", root, reflect.TypeFor[annotate.Analysis]())
}

// TestRankingMatchesType does so with a line of --stream. A moment is in it what
// it is in moments.json.
func TestRankingMatchesType(t *testing.T) {
	root, moments := load(t, "ranking"), load(t, "moments")["$defs"].(object)
	c := comparison{t: t, defs: root["$defs"].(object)}
	c.compare("ranking", root, reflect.TypeFor[annotate.Ranking]())
	for name, definition := range c.defs {
		if !reflect.DeepEqual(definition, moments[name]) {
			t.Errorf("%s is not that of moments.json", name)
		}
	}
}

func TestValidateRanking(t *testing.T) {
	line := func(change func(object)) error {
		doc := object{
			"schema": annotate.RankingSchema, "pass": 1, "final": false, "frames": 3, "largest_gap_s": 4.0, "moments": example(t)["moments"],
		}
		change(doc)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate("ranking", bytes.NewReader(data))
	}
	for name, change := range map[string]func(object){
		"the example": func(object) {},
		"none yet":    func(d object) { d["moments"] = []any{} },
		"no pictures": func(d object) { d["frames"], d["largest_gap_s"], d["final"] = 0, 0, true },
	} {
		if err := line(change); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(object){
		"another version":  func(d object) { d["schema"] = "dyade.ranking/2" },
		"a pass before 1":  func(d object) { d["pass"] = 0 },
		"no final":         func(d object) { delete(d, "final") },
		"final as text":    func(d object) { d["final"] = "yes" },
		"a field too many": func(d object) { d["people"] = []any{} },
		"moments null":     func(d object) { d["moments"] = nil },
		"a moment's field": func(d object) { d["moments"].([]any)[0].(object)["emotion"] = "joy" },
	} {
		if line(change) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func load(t *testing.T, name string) (root object) {
	t.Helper()
	data, err := docs.Files.ReadFile(name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

type comparison struct {
	t    *testing.T
	defs object
}

func (c comparison) compare(at string, s object, typ reflect.Type) {
	c.t.Helper()
	s = c.resolve(s)
	want := map[reflect.Kind]string{reflect.Struct: "object", reflect.Slice: "array", reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number", reflect.Bool: "boolean"}
	switch {
	case typ.Kind() == reflect.Pointer:
		options := s["oneOf"].([]any)
		if options[0].(object)["type"] != "null" {
			c.t.Errorf("%s: may be null, the schema does not say so", at)
		}
		c.compare(at, options[1].(object), typ.Elem())
		return
	case s["enum"] != nil || s["const"] != nil:
		return
	case s["type"] != want[typ.Kind()]:
		c.t.Errorf("%s: type %v, want %v", at, s["type"], want[typ.Kind()])
		return
	}
	switch typ.Kind() {
	case reflect.Slice:
		c.compare(at+"[]", s["items"].(object), typ.Elem())
	case reflect.Struct:
		c.compareFields(at, s, typ)
	}
}

func (c comparison) compareFields(at string, s object, typ reflect.Type) {
	c.t.Helper()
	properties := s["properties"].(object)
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(typ) {
		if name := f.Tag.Get("json"); !f.Anonymous && name != "-" {
			fields[name] = f.Type
		}
	}
	if got, want := slices.Sorted(maps.Keys(properties)), slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		c.t.Errorf("%s: properties %v, want %v", at, got, want)
		return
	}
	if len(s["required"].([]any)) != len(fields) || s["additionalProperties"] != false {
		c.t.Errorf("%s: not strict", at)
	}
	for name, f := range fields {
		c.compare(at+"."+name, properties[name].(object), f)
	}
}

func (c comparison) resolve(s object) object {
	if ref, ok := s["$ref"].(string); ok {
		return c.defs[strings.TrimPrefix(ref, "#/$defs/")].(object)
	}
	return s
}
