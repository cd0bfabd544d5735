package decode

import (
	"cmp"
	"context"
	"slices"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

// Some containers give only decoding times (AVI), bare streams give none. The
// order in which pictures are shown is then read from the pictures' own headers,
// and the r-th shown gets the r+d-th decoding time, d being how many pictures
// the decoder holds back: the time at which it gives the picture out, as
// players count it.

// reconstruct fills in the missing presentation times.
func reconstruct(ctx context.Context, path string, st *astiav.Stream, ix *plan.Index) error {
	if !slices.ContainsFunc(ix.Packets, func(p plan.Packet) bool { return p.PTS == noTime }) {
		return nil
	}
	headers, err := readHeaders(ctx, path, st.Index(), st.CodecParameters())
	if err != nil {
		return err
	}
	headers = headers[:min(len(headers), len(ix.Packets))]
	for len(headers) < len(ix.Packets) {
		headers = append(headers, header{})
	}
	order := shownOrder(headers, st.CodecParameters().CodecID())
	delay := 0
	if fillDecodingTimes(ix, frameInterval(st, ix.Base)) {
		delay = videoDelay(st)
	}
	for r, i := range order {
		delay = max(delay, i-r)
	}
	for r, i := range order {
		if p := &ix.Packets[i]; p.PTS == noTime {
			p.PTS = decodingTime(ix.Packets, r+delay)
		}
	}
	return nil
}

// frameInterval is the time from one picture to the next in ticks, at least 1.
func frameInterval(st *astiav.Stream, base timecode.Base) int64 {
	for _, rate := range []astiav.Rational{st.AvgFrameRate(), st.RFrameRate()} {
		if rate.Num() > 0 && rate.Den() > 0 {
			return max(1, timecode.At(float64(rate.Den())/float64(rate.Num()), base).Ticks)
		}
	}
	return max(1, timecode.At(1.0/25, base).Ticks)
}

// fillDecodingTimes gives every packet a decoding time, counting on from the one
// before; it tells whether the container gave any.
func fillDecodingTimes(ix *plan.Index, interval int64) (given bool) {
	next := int64(0)
	for i := range ix.Packets {
		p := &ix.Packets[i]
		if p.DTS == noTime {
			p.DTS = next
		} else {
			given = true
		}
		next = p.DTS + cmp.Or(max(p.Duration, 0), interval)
	}
	return given
}

// decodingTime is that of packet n, extrapolated after the last.
func decodingTime(packets []plan.Packet, n int) int64 {
	last := len(packets) - 1
	if n <= last {
		return packets[n].DTS
	}
	step := max(packets[last].Duration, 1)
	if last > 0 {
		step = max(packets[last].DTS-packets[last-1].DTS, 1)
	}
	return packets[last].DTS + int64(n-last)*step
}

// header is what a picture's own header says of its place.
type header struct {
	count int  // H.264 and HEVC: picture order count, from 0 at each reset
	key   bool // decoding can start here
	b     bool // shown before the pictures decoded before it that it is predicted from
}

// shownOrder lists packets in the order in which they are shown.
func shownOrder(headers []header, codec astiav.CodecID) []int {
	order := make([]int, 0, len(headers))
	if codec == astiav.CodecIDH264 || codec == astiav.CodecIDHevc {
		start := 0
		for i := range headers {
			order = append(order, i)
			if last := i == len(headers)-1; last || headers[i+1].key && headers[i+1].count <= 0 {
				slices.SortStableFunc(order[start:], func(a, b int) int { return cmp.Compare(headers[a].count, headers[b].count) })
				start = i + 1
			}
		}
		return order
	}
	held := -1 // the last picture that others may be shown before
	for i, h := range headers {
		switch {
		case h.b && held >= 0:
			order = append(order, i)
			continue
		case held >= 0:
			order = append(order, held)
		}
		held = i
	}
	if held >= 0 {
		order = append(order, held)
	}
	return order
}

// readHeaders reads the header of every picture of a stream.
func readHeaders(ctx context.Context, path string, stream int, params *astiav.CodecParameters) ([]header, error) {
	fc, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer freeFormat(fc)
	p, err := newParser(params)
	if err != nil {
		return nil, err
	}
	defer p.close()
	pkt := newPacket()
	defer freePacket(pkt)
	var headers []header
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := fc.ReadFrame(pkt); err != nil {
			return headers, nil // the end, or the damage at which the scan ended too
		}
		if pkt.StreamIndex() == stream {
			headers = append(headers, p.parse(pkt))
		}
		pkt.Unref()
	}
}
