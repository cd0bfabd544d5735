package decode

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/asticode/go-astiav"
)

// pictures are the forms of still pictures that OpenPicture reads, by their first
// bytes.
var pictures = []struct{ magic, form string }{
	{"\xff\xd8\xff", "jpeg_pipe"},
	{"\x89PNG\r\n\x1a\n", "png_pipe"},
	{"RIFF....WEBP", "webp_pipe"},
	{"BM....\x00\x00\x00\x00", "bmp_pipe"},
}

// errNoPicture is wrapped by OpenPicture's error for other files.
var errNoPicture = errors.New("it is not a JPEG, PNG, WebP or BMP picture")

func openStill(path string) (*astiav.FormatContext, error) {
	for _, p := range pictures {
		if startsWith(path, p.magic) {
			return openAs(path, p.form, astiav.FindInputFormat(p.form))
		}
	}
	return nil, errNoPicture
}

// OpenPicture decodes a JPEG, PNG, WebP or BMP file to at most width pixels
// across (0: its own width). The frame is its own, at time 0.
func OpenPicture(path string, width int) (Frame, error) {
	fail := func(err error) (Frame, error) {
		return Frame{}, fmt.Errorf("reading the picture %s: %w", path, err)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return fail(cmp.Or(err, errNoPicture))
	}
	fc, err := openStill(path)
	if err != nil {
		return fail(err)
	}
	defer freeFormat(fc)
	pkt, frame := newPacket(), newFrame()
	defer freePacket(pkt)
	defer freeFrame(frame)
	if err := fc.ReadFrame(pkt); err != nil {
		return fail(err)
	}
	cc, err := openDecoder(fc.Streams()[pkt.StreamIndex()].CodecParameters())
	if err != nil {
		return fail(err)
	}
	defer freeCodec(cc)
	if err := errors.Join(cc.SendPacket(pkt), cc.SendPacket(nil)); err != nil {
		return fail(err)
	}
	if err := cc.ReceiveFrame(frame); err != nil {
		return fail(err)
	}
	f, err := pictureOf(frame, width)
	if err != nil {
		return fail(err)
	}
	return f, nil
}

func pictureOf(frame *astiav.Frame, width int) (Frame, error) {
	w, h := sizeAt(frame.Width(), frame.Height(), width)
	var s scaler
	defer s.close()
	turn := orientation{}
	if matrix := frame.SideData(astiav.FrameSideDataTypeDisplaymatrix); matrix != nil {
		turn = newOrientation(matrix.Data())
	}
	if turn.sideways() {
		w, h = sizeAt(frame.Height(), frame.Width(), width)
	}
	pix := make([]byte, w*h*3)
	if err := s.upright(frame, turn, w, h, pix); err != nil {
		return Frame{}, err
	}
	return Frame{Width: w, Height: h, Pix: pix}, nil
}
