// Package kept puts values into a memory of bytes and has them back.
package kept

import (
	"bytes"
	"encoding/gob"
)

// Memory keeps bytes by name from one run to the next. What is missing in it, or
// damaged, is found anew: an error of Put costs time later, and nothing now.
type Memory interface {
	Get(name string) ([]byte, bool)
	Put(name string, data []byte) error
}

// Put keeps a value, if it can; a nil memory keeps nothing.
func Put(m Memory, name string, value any) {
	if m == nil {
		return
	}
	var buf bytes.Buffer
	if gob.NewEncoder(&buf).Encode(value) == nil {
		_ = m.Put(name, buf.Bytes())
	}
}

// Get fills in the value that a pointer leads to; false where none can be read.
func Get(m Memory, name string, value any) bool {
	if m == nil {
		return false
	}
	data, ok := m.Get(name)
	return ok && gob.NewDecoder(bytes.NewReader(data)).Decode(value) == nil
}
