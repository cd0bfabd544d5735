package media

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"dyade/pipeline/decode"
)

// WaveStep is how many samples of decode.SampleRate are drawn as one: a fiftieth of
// a second.
const WaveStep = decode.SampleRate / 50

// Wave draws the sound: the data format of audiowaveform, version 1, with 8 bits,
// which peaks.js reads as it is. Behind a header of five numbers of 32 bits, little
// end first (version, flags, samples a second, samples a step, steps), are the
// lowest and the highest sample of each step, -128 to 127 each. It tells now and
// then, where tell is not nil, how many seconds of sound it has heard.
func Wave(ctx context.Context, src *decode.Source, tell func(seconds float64) error) ([]byte, error) {
	a, err := src.Audio(ctx)
	if err != nil {
		return nil, fmt.Errorf("draw the sound: %w", err)
	}
	defer a.Close()
	const version, eightBits, head = 1, 1, 20
	out := make([]byte, head, head+int(src.Recording().DurationS*decode.SampleRate/WaveStep+1)*2)
	buf, told := make([]float32, WaveStep), 0
	for steps := 0; ; steps++ {
		n, err := fill(ctx, a, buf)
		if n == 0 && errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("draw the sound: %w", err)
		}
		low, high := buf[0], buf[0]
		for _, v := range buf[:n] {
			low, high = min(low, v), max(high, v)
		}
		out = append(out, eighth(low), eighth(high))
		if second := steps * WaveStep / decode.SampleRate; tell != nil && second >= told+10 {
			told = second
			if err := tell(float64(second)); err != nil {
				return nil, err
			}
		}
	}
	for i, v := range []int{version, eightBits, decode.SampleRate, WaveStep, (len(out) - head) / 2} {
		binary.LittleEndian.PutUint32(out[4*i:], uint32(v))
	}
	return out, nil
}

// fill reads until buf is full or the sound ends.
func fill(ctx context.Context, a *decode.AudioReader, buf []float32) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = a.Next(ctx, buf[n:])
		n += k
	}
	return n, err
}

func eighth(v float32) byte { return byte(int8(max(-128, min(127, v*128)))) }
