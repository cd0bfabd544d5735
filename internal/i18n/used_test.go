package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dyade/internal/i18n"
)

// inTemplate finds {{t "key"}} and (t "key") in page templates.
var inTemplate = regexp.MustCompile(`[{(]-?\s*t "([^"]+)"`)

// TestKeysUsed reads the module's own sources: every key that they name in a
// call of i18n.T, or a template names, must be in the catalogue.
func TestKeysUsed(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	check := func(path, key string) {
		found++
		if !i18n.Has(key) {
			t.Errorf("%s uses %q, which the catalogue lacks", path, key)
		}
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".git") || d.Name() == "build" || d.Name() == "share" || d.Name() == "bin"):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			return nil
		case strings.HasSuffix(path, ".go"):
			return keysInGo(path, check)
		case strings.HasSuffix(path, ".tmpl"):
			page, err := os.ReadFile(path)
			for _, m := range inTemplate.FindAllStringSubmatch(string(page), -1) {
				check(path, m[1])
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 40 {
		t.Errorf("only %d uses found: the search no longer sees them", found)
	}
}

// keysInGo reports each literal key given to a function named T or t.
func keysInGo(path string, report func(path, key string)) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name, at := "", 0
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			name, at = f.Sel.Name, 1
			if pkg, ok := f.X.(*ast.Ident); !ok || pkg.Name != "i18n" {
				at = 0
			}
		case *ast.Ident:
			name = f.Name
		}
		if name != "T" && name != "t" || len(call.Args) <= at {
			return true
		}
		if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if key, err := strconv.Unquote(lit.Value); err == nil {
				report(path, key)
			}
		}
		return true
	})
	return nil
}
