// Pictures scaled in the planes in which they were decoded, and turned to packed
// BGR only then, small. See shrink.go.

#include <libavutil/frame.h>
#include <stdint.h>

// Samples of one plane: bytes each, bits of each that count, and how far one is
// from the next, in samples.
typedef struct {
	int plane, offset, step, bytes, bits, width, height;
} dy_plane;

// Where the weights of a direction begin, and how many each output sample has.
typedef struct {
	int taps, weights, starts, wide;
} dy_filter;

typedef struct {
	int width, height; // wanted
	dy_plane planes[3];
	dy_filter across[3], down[3];
	int field;         // -1, or which of two interlaced fields is taken
	int black;         // luma of black
	int y, rv, gu, gv, bu; // of the colour matrix, in 1/8192
} dy_shape;

// Tables that take a picture of high dynamic range to the range of screens.
typedef struct {
	float linear[1024]; // light of a coded value of 10 bits; 1 is the white of paper
	float system[1024]; // by which light is multiplied at a luminance of 0 to 1
	uint8_t coded[4096]; // what light is shown as, by its root to twice white's
	float luma[3], gamut[9];
} dy_lights;

void dy_shrink(const dy_shape *s, const AVFrame *f, const int32_t *starts, const int16_t *weights,
	const dy_lights *lights, uint8_t *room, uint8_t *pix);
int dy_shrink_room(const dy_shape *s);

// The planes themselves, one after the other, brightness first, where the filters
// down give each plane its own height.
void dy_shrink_planes(const dy_shape *s, const AVFrame *f, const int32_t *starts, const int16_t *weights,
	uint8_t *room, uint8_t *out);

// Turns a plane of w×h samples: the sample at x, y of the result is that at
// start + x·across + y·down.
void dy_turn(const uint8_t *src, uint8_t *dst, int w, int h, int start, int across, int down);

// Packed BGR to brightness and colour differences of BT.709, half as wide and high;
// w and h are even.
void dy_planes(const uint8_t *pix, int w, int h, uint8_t *out);
