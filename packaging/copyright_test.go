package packaging_test

import (
	"os"
	"strings"
	"testing"

	"dyade/models/manifest"
)

// TestCopyrightNamesEachModel with the licence that the manifest tells.
func TestCopyrightNamesEachModel(t *testing.T) {
	doc, err := os.ReadFile("copyright")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range manifest.Entries() {
		if e.Use != manifest.Run {
			continue
		}
		_, stanza, found := strings.Cut(string(doc), "\nFiles: usr/lib/dyade/share/dyade/"+e.File+"\n")
		stanza, _, _ = strings.Cut(stanza, "\n\n")
		if !found || !strings.Contains(stanza, "\nLicense: "+e.Licence) {
			t.Errorf("copyright does not say that %s is under %s", e.File, e.Licence)
		}
	}
}
