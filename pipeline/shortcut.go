package pipeline

// Shortcut is what an analysis does less of, to be fast. Several are put together
// with |.
type Shortcut uint8

// The shortcuts of an analysis.
const (
	// FewPictures: those are looked at that the signals ask for.
	FewPictures Shortcut = 1 << iota
	// FastDecoding: pictures are decoded without deblocking, or by hardware.
	FastDecoding
	// SmallPictures: the face detector is given pictures as small as the faces allow.
	SmallPictures
	// KnownPlaces: where faces were just before and after, nothing else is looked at.
	KnownPlaces

	AllShortcuts = FewPictures | FastDecoding | SmallPictures | KnownPlaces
)

func (s Shortcut) has(one Shortcut) bool { return s&one != 0 }
