package sample

import (
	"testing"
)

func BenchmarkTryDraw(b *testing.B) {
	s := NewScript(1)
	for i := range s.actors {
		p, err := loadPortrait("../../share/sample", s.actors[i].head.model)
		if err != nil {
			b.Fatal(err)
		}
		s.actors[i].head.dress(p)
	}
	st := newStage(s)
	c := newCanvas(st.back)
	out := make([]uint8, sizeFrame)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		st.draw(c, 1000+i*7%3000, out)
	}
}
func BenchmarkTryTruth(b *testing.B) {
	s := NewScript(1)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		s.Truth()
	}
}
func BenchmarkTryScript(b *testing.B) {
	for i := 0; i < b.N; i++ {
		NewScript(uint64(i))
	}
}
