package speech

import (
	"bytes"
	"encoding/gob"
)

// Memory keeps finished pieces of listening by name, so that listening that was
// stopped goes on from there. It is of one recording and one version of this
// program; the names that Listen uses begin with "sound-" and "voices-". What is
// missing in it, or damaged, is heard again. An error of Put is not one of
// Listen: what is not kept costs time later, and nothing now.
type Memory interface {
	Get(name string) ([]byte, bool)
	Put(name string, data []byte) error
}

func keep(m Memory, name string, value any) {
	if m == nil {
		return
	}
	var buf bytes.Buffer
	if gob.NewEncoder(&buf).Encode(value) == nil {
		_ = m.Put(name, buf.Bytes())
	}
}

// recall fills in value; false where nothing can be read under name.
func recall(m Memory, name string, value any) bool {
	if m == nil {
		return false
	}
	data, ok := m.Get(name)
	return ok && gob.NewDecoder(bytes.NewReader(data)).Decode(value) == nil
}
