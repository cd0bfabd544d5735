package shown_test

import (
	"testing"

	"dyade/annotate"
	"dyade/annotate/shown"
)

func FuzzTimes(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x01\x00\x00\x00\x1e\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, list []byte) {
		times, err := shown.Times(list)
		if (err == nil) != (len(times) > 0) {
			t.Errorf("%d times, %v", len(times), err)
		}
	})
}

func TestPlayable(t *testing.T) {
	const mp4, webm = "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"
	h264 := annotate.Video{Codec: "h264", Width: 1920, Height: 1080, BitDepth: 8}
	with := func(change func(*annotate.Video)) *annotate.Video {
		v := h264
		change(&v)
		return &v
	}
	aac := &annotate.Audio{Codec: "aac", Channels: 2}
	for _, c := range []struct {
		what, container string
		video           *annotate.Video
		audio           *annotate.Audio
		playable        bool
		kind            string
	}{
		{"a camera's", mp4, &h264, aac, true, "video/mp4"},
		{"silent", mp4, &h264, nil, true, "video/mp4"},
		{"sound alone", mp4, nil, aac, true, "audio/mp4"},
		{"HEVC", mp4, with(func(v *annotate.Video) { v.Codec = "hevc" }), aac, false, "video/mp4"},
		{"ten bits", mp4, with(func(v *annotate.Video) { v.BitDepth = 10 }), aac, false, "video/mp4"},
		{"rotated", mp4, with(func(v *annotate.Video) { v.Rotation = 90 }), aac, false, "video/mp4"},
		{"8K", mp4, with(func(v *annotate.Video) { v.Width = 7680 }), aac, false, "video/mp4"},
		{"QuickTime's sound", mp4, &h264, &annotate.Audio{Codec: "pcm_s16le", Channels: 2}, false, "video/mp4"},
		{"six channels", mp4, &h264, &annotate.Audio{Codec: "aac", Channels: 6}, false, "video/mp4"},
		{"Matroska", webm, &h264, aac, false, "video/x-matroska"},
		{"WebM", webm, with(func(v *annotate.Video) { v.Codec = "vp9" }), &annotate.Audio{Codec: "opus", Channels: 1}, true, "video/webm"},
		{"AV1", webm, with(func(v *annotate.Video) { v.Codec = "av1" }), nil, false, "video/x-matroska"},
		{"a camcorder's", "mpegts", &h264, aac, false, "application/octet-stream"},
		{"MP3", "mp3", nil, &annotate.Audio{Codec: "mp3", Channels: 2}, true, "audio/mpeg"},
		{"WAVE", "wav", nil, &annotate.Audio{Codec: "pcm_s16le", Channels: 1}, true, "audio/wav"},
		{"WAVE of 24 bits", "wav", nil, &annotate.Audio{Codec: "pcm_s24le", Channels: 1}, false, "audio/wav"},
		{"nothing", mp4, nil, nil, false, "audio/mp4"},
	} {
		r := annotate.Recording{Container: c.container, Video: c.video, Audio: c.audio}
		if got := shown.Playable(r); got != c.playable {
			t.Errorf("%s: playable %v", c.what, got)
		}
		if got := shown.Type(r); got != c.kind {
			t.Errorf("%s: of the type %s", c.what, got)
		}
	}
}
