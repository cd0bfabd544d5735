package decode

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/asticode/go-astiav"
)

// Kinds of C objects that the package holds.
const (
	liveFormat = iota
	liveCodec
	liveFrame
	livePacket
	liveParameters
	liveScaler
	liveResampler
	liveParser
	liveDevice
	liveFile
	liveKinds
)

var liveNames = [liveKinds]string{"format", "codec", "frame", "packet", "parameters", "scaler", "resampler", "parser", "device", "file"}

var live [liveKinds]atomic.Int64

// Live lists the C objects that are open, by kind, such as "codec 2, packet 1";
// empty where every Source and AudioReader was closed. It serves tests.
func Live() string {
	var open []string
	for k := range live {
		if n := live[k].Load(); n != 0 {
			open = append(open, fmt.Sprintf("%s %d", liveNames[k], n))
		}
	}
	return strings.Join(open, ", ")
}

func newPacket() *astiav.Packet {
	live[livePacket].Add(1)
	return astiav.AllocPacket()
}

func freePacket(p *astiav.Packet) {
	if p != nil {
		live[livePacket].Add(-1)
		p.Free()
	}
}

func newFrame() *astiav.Frame {
	live[liveFrame].Add(1)
	return astiav.AllocFrame()
}

func freeFrame(f *astiav.Frame) {
	if f != nil {
		live[liveFrame].Add(-1)
		f.Free()
	}
}

func freeFormat(fc *astiav.FormatContext) {
	if fc != nil {
		live[liveFormat].Add(-1)
		io := ownFile(fc)
		fc.CloseInput()
		if io != nil {
			closeSkimmable(io)
		}
	}
}

func freeCodec(cc *astiav.CodecContext) {
	if cc != nil {
		live[liveCodec].Add(-1)
		cc.Free()
	}
}

func copyParameters(from *astiav.CodecParameters) (*astiav.CodecParameters, error) {
	to := astiav.AllocCodecParameters()
	live[liveParameters].Add(1)
	if err := from.Copy(to); err != nil {
		freeParameters(to)
		return nil, err
	}
	return to, nil
}

func freeParameters(p *astiav.CodecParameters) {
	if p != nil {
		live[liveParameters].Add(-1)
		p.Free()
	}
}
