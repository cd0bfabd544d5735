package signal

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"

	"dyade/annotate/timecode"
)

func TestParquetKeepsOrderValuesAndUnknown(t *testing.T) {
	table := newTable(timecode.Instant{Ticks: 2, Base: timecode.Base{Num: 1, Den: 1}})
	table.Get("distance").Set(3, 2.5)
	table.Get("parent_seen").flag(4, false)
	var a, b bytes.Buffer
	if err := WriteParquet(&a, table); err != nil {
		t.Fatal(err)
	}
	if err := WriteParquet(&b, table); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same table gave different bytes")
	}
	f, err := parquet.OpenFile(bytes.NewReader(a.Bytes()), int64(a.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if f.NumRows() != 20 {
		t.Errorf("%d rows, want 20", f.NumRows())
	}
	names := f.Schema().Columns()
	if names[0][0] != "time_s" || names[1][0] != Columns[0].Name || len(names) != len(Columns)+1 {
		t.Errorf("columns are %v", names)
	}
	rows := make([]parquet.Row, 20)
	r := parquet.NewReader(f)
	if n, err := r.ReadRows(rows); n != 20 {
		t.Fatalf("read %d rows: %v", n, err)
	}
	for i, name := range names {
		v := rows[3][i]
		switch name[0] {
		case "distance":
			if v.Float() != 2.5 {
				t.Errorf("distance is %v", v)
			}
		case "time_s":
			if v.Double() != 0.3 {
				t.Errorf("time is %v", v)
			}
		default:
			if !v.IsNull() {
				t.Errorf("%s is %v, want null", name[0], v)
			}
		}
	}
}
