// Package schema checks JSON documents against the schemas in docs/schema.
package schema

import (
	"fmt"
	"io"

	"github.com/santhosh-tekuri/jsonschema/v6"

	docs "dyade/docs/schema"
)

// Validate reads one JSON document and checks it against docs/schema/NAME.schema.json.
// The error names each place that does not fit.
func Validate(name string, document io.Reader) error {
	s, err := compile(name)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(document)
	if err != nil {
		return fmt.Errorf("reading a document as %s: %w", name, err)
	}
	if err := s.Validate(doc); err != nil {
		return fmt.Errorf("checking a document as %s: %w", name, err)
	}
	return nil
}

func compile(name string) (*jsonschema.Schema, error) {
	file := name + ".schema.json"
	f, err := docs.Files.Open(file)
	if err != nil {
		return nil, fmt.Errorf("finding the schema of %s: %w", name, err)
	}
	defer f.Close() // of memory: cannot fail
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // no scheme at all: a schema refers to nothing outside itself
	if err := c.AddResource(file, doc); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	s, err := c.Compile(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return s, nil
}
