package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// contract is openapi.yaml, to which the answers of all these tests are held.
type contract struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
}

const contractURL = "http://dyade/openapi"

var theContract = sync.OnceValues(func() (*contract, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	again, err := jsonschema.UnmarshalJSON(strings.NewReader(string(plain)))
	if err != nil {
		return nil, err
	}
	c := &contract{doc: doc, compiler: jsonschema.NewCompiler()}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	return c, c.compiler.AddResource(contractURL, again)
})

// at follows names from the document's root, and references where they lead.
func (c *contract) at(path ...string) (any, []string) {
	var x any = c.doc
	for i, name := range path {
		m, ok := x.(map[string]any)
		if !ok {
			return nil, nil
		}
		x = m[name]
		if to, ok := x.(map[string]any); ok {
			if ref, ok := to["$ref"].(string); ok {
				return c.at(append(strings.Split(strings.TrimPrefix(ref, "#/"), "/"), path[i+1:]...)...)
			}
		}
	}
	return x, path
}

// template is the path of the document that an address is of; empty: none.
func (c *contract) template(path string) string {
	for t := range c.doc["paths"].(map[string]any) {
		want, got := strings.Split(t, "/"), strings.Split(path, "/")
		same := len(want) == len(got)
		for i := range min(len(want), len(got)) {
			same = same && (want[i] == got[i] || strings.HasPrefix(want[i], "{") && got[i] != "")
		}
		if same {
			return t
		}
	}
	return ""
}

// check tells by an error that an answer is none that the document has.
func (c *contract) check(method, path string, a reply) error {
	path, _, _ = strings.Cut(path, "?")
	t := c.template(path)
	if t == "" {
		return nil // a page, or nothing
	}
	method = strings.ToLower(method)
	op, _ := c.at("paths", t, method)
	if op == nil && method == "head" {
		op, _ = c.at("paths", t, "get")
		method = "get"
		a.body = ""
	}
	if refused := []int{401, 403, 405, 421, 429}; op == nil {
		if !slices.Contains(refused, a.status) {
			return fmt.Errorf("%s %s is not described, and answered %d", method, t, a.status)
		}
		return nil
	}
	said, at := c.at("paths", t, method, "responses", fmt.Sprint(a.status))
	if said == nil {
		return fmt.Errorf("%s %s: the answer %d is not described: %s", method, t, a.status, a.body)
	}
	headers, _ := said.(map[string]any)["headers"].(map[string]any)
	for name := range headers {
		if must, _ := c.at(append(slices.Clone(at), "headers", name, "required")...); must == true && a.header.Get(name) == "" {
			return fmt.Errorf("%s %s: the answer %d has no header %s", method, t, a.status, name)
		}
	}
	return c.content(said.(map[string]any), at, a)
}

func (c *contract) content(said map[string]any, at []string, a reply) error {
	kinds, _ := said["content"].(map[string]any)
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if _, all := kinds["*/*"]; all || a.body == "" {
		return nil
	}
	if _, ok := kinds[kind]; !ok {
		return fmt.Errorf("%v: %q is not described", at, kind)
	}
	place := append(slices.Clone(at), "content", kind, "schema")
	if x, _ := c.at(place...); x == nil || kind != "application/json" {
		return nil
	}
	for i, name := range place {
		place[i] = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	c.mu.Lock()
	schema, err := c.compiler.Compile(contractURL + "#/" + strings.ReplaceAll(strings.ReplaceAll(strings.Join(place, "/"), "{", "%7B"), "}", "%7D"))
	c.mu.Unlock()
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		return fmt.Errorf("%v: %w", at, err)
	}
	return nil
}

// TestTheDescriptionIsOfTheseRoutes and of no others.
func TestTheDescriptionIsOfTheseRoutes(t *testing.T) {
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	described := map[string][]string{}
	for path, item := range c.doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				described[path] = append(described[path], strings.ToUpper(method))
			}
		}
		slices.Sort(described[path])
	}
	routes := map[string][]string{}
	for path, methods := range open(t).server.Routes() {
		if path == "/{$}" {
			continue // the page
		}
		path = strings.TrimSuffix(path, "{$}")
		routes[path] = append(routes[path], methods...)
		slices.Sort(routes[path])
	}
	if !maps.EqualFunc(described, routes, func(a, b []string) bool { return slices.Equal(a, b) }) {
		t.Errorf("described:\n%v\nthere are:\n%v", described, routes)
	}
}

func TestTheDescriptionIsServed(t *testing.T) {
	d := open(t)
	a := d.ask(http.MethodGet, "/api/openapi.yaml", nil)
	var doc struct{ OpenAPI string }
	if err := yaml.Unmarshal([]byte(a.body), &doc); err != nil || doc.OpenAPI != "3.1.0" || a.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %v %v", a.status, a.header, err)
	}
}
