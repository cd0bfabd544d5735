package signal

import (
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// ParquetSchema names the form of signals.parquet.
const ParquetSchema = "dyade.signals/1"

// WriteParquet writes the table: column time_s, then Columns, one row per
// step, null where unknown. The file's key-value metadata holds the schema and
// the step's base. The same table gives the same bytes.
func WriteParquet(w io.Writer, t *Table) error {
	writer := parquet.NewGenericWriter[any](w, schema(),
		parquet.Compression(&parquet.Zstd),
		parquet.KeyValueMetadata("dyade.schema", ParquetSchema),
		parquet.KeyValueMetadata("dyade.step", t.Step.String()),
		parquet.CreatedBy("dyade", ParquetSchema, "none"),
	)
	for i := range t.Steps {
		row := make(parquet.Row, 0, len(t.Series)+1)
		row = append(row, parquet.DoubleValue(t.Seconds(i)).Level(0, 0, 0))
		for k, s := range t.Series {
			v, level := parquet.Value{}, 0
			if x, known := s.At(i); known {
				v, level = parquet.FloatValue(float32(x)), 1
			}
			row = append(row, v.Level(0, level, k+1))
		}
		if _, err := writer.WriteRows([]parquet.Row{row}); err != nil {
			return fmt.Errorf("write signals at %.1f s: %w", t.Seconds(i), err)
		}
	}
	if err := writer.Close(); err != nil {
		return fmt.Errorf("finish the signals file: %w", err)
	}
	return nil
}

// schema is built from Columns by way of a struct type, because a group made
// by hand would order its columns by name.
func schema() *parquet.Schema {
	fields := []reflect.StructField{{Name: "Time", Type: reflect.TypeFor[float64](), Tag: `parquet:"time_s"`}}
	for i, c := range Columns {
		fields = append(fields, reflect.StructField{
			Name: "C" + strconv.Itoa(i), Type: reflect.TypeFor[float32](),
			Tag: reflect.StructTag(fmt.Sprintf(`parquet:"%s,optional"`, c.Name)),
		})
	}
	return parquet.NewSchema("signals", parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}
