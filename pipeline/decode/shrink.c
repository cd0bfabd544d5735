#include "shrink.h"

#include <math.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Compiled twice, for processors with and without wider registers.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { PAD = 32 }; // samples that may be read behind a row's end

// All weights of one output sample add up to these.
enum { DOWN_BITS = 8, ACROSS_BITS = 14 };

// Rows within the room: sums, two rows scaled down, three rows scaled both ways,
// and one that is yet half as wide.
typedef struct {
	uint32_t *sums;
	int16_t *narrow[2], *row[3], *half;
} rows;

static int longest(const dy_shape *s) {
	int n = s->width;
	for (int i = 0; i < 3; i++)
		if (s->planes[i].width * s->planes[i].step > n) n = s->planes[i].width * s->planes[i].step;
	return (n + 2 * PAD) & ~(PAD - 1);
}

int dy_shrink_room(const dy_shape *s) { return longest(s) * (4 + 6 * 2) + PAD; }

static rows rows_in(const dy_shape *s, uint8_t *room) {
	int n = longest(s);
	rows r;
	r.sums = (uint32_t *)(((uintptr_t)room + PAD - 1) & ~(uintptr_t)(PAD - 1));
	int16_t *next = (int16_t *)(r.sums + n);
	for (int i = 0; i < 2; i++, next += n) r.narrow[i] = next;
	for (int i = 0; i < 3; i++, next += n) r.row[i] = next;
	r.half = next;
	return r;
}

// Sums of rows of bytes stay within 16 bits, as the weights add up to 256.
WIDE static void down8(uint16_t *restrict sums, int16_t *restrict out, const uint8_t *src, ptrdiff_t stride,
	const int16_t *w, int taps, int width) {
	int k = 0;
	memset(sums, 0, (size_t)width * 2);
	for (; k + 1 < taps; k += 2) {
		const uint8_t *restrict a = src + k * stride, *restrict b = a + stride;
		uint16_t u = (uint16_t)w[k], v = (uint16_t)w[k + 1];
		for (int x = 0; x < width; x++) sums[x] = (uint16_t)(sums[x] + a[x] * u + b[x] * v);
	}
	for (; k < taps; k++) {
		const uint8_t *restrict a = src + k * stride;
		uint16_t u = (uint16_t)w[k];
		for (int x = 0; x < width; x++) sums[x] = (uint16_t)(sums[x] + a[x] * u);
	}
	for (int x = 0; x < width; x++) out[x] = (int16_t)(sums[x] >> 1);
}

WIDE static void down16(uint32_t *restrict sums, int16_t *restrict out, const uint8_t *src, ptrdiff_t stride,
	const int16_t *w, int taps, int width, int bits) {
	memset(sums, 0, (size_t)width * 4);
	for (int k = 0; k < taps; k++) {
		const uint16_t *restrict a = (const uint16_t *)(src + k * stride);
		uint32_t u = (uint16_t)w[k];
		for (int x = 0; x < width; x++) sums[x] += a[x] * u;
	}
	for (int x = 0; x < width; x++) {
		uint32_t v = sums[x] >> (bits + DOWN_BITS - 15);
		out[x] = (int16_t)(v > 32767 ? 32767 : v);
	}
}

// The taps of each output sample are a multiple of eight.
static inline int16_t sample(const int16_t *at, const int16_t *w, int taps) {
	int sum = 1 << (ACROSS_BITS - 1);
	for (int k = 0; k < taps; k++) sum += at[k] * w[k];
	return (int16_t)(sum >> ACROSS_BITS);
}

#ifdef __SSE2__
// Four sums that add up to one output sample.
static inline __m128i products(const int16_t *at, const int16_t *w, int taps) {
	__m128i sum = _mm_madd_epi16(_mm_loadu_si128((const __m128i *)at), _mm_loadu_si128((const __m128i *)w));
	for (int k = 8; k < taps; k += 8)
		sum = _mm_add_epi32(sum, _mm_madd_epi16(_mm_loadu_si128((const __m128i *)(at + k)),
			_mm_loadu_si128((const __m128i *)(w + k))));
	return sum;
}

// Four output samples.
static inline void samples(int16_t *out, const int16_t *in, const int32_t *starts, const int16_t *w, int taps) {
	__m128i a = products(in + starts[0], w, taps), b = products(in + starts[1], w + taps, taps);
	__m128i c = products(in + starts[2], w + 2 * taps, taps), d = products(in + starts[3], w + 3 * taps, taps);
	__m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
	__m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
	__m128i sum = _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
	sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << (ACROSS_BITS - 1))), ACROSS_BITS);
	_mm_storel_epi64((__m128i *)out, _mm_packs_epi32(sum, sum));
}
#endif

static void across(int16_t *out, const int16_t *in, const int32_t *starts, const int16_t *w, int taps, int width) {
	int x = 0;
#ifdef __SSE2__
	for (; x + 4 <= width; x += 4) samples(out + x, in, starts + x, w + x * taps, taps);
#endif
	for (; x < width; x++) out[x] = sample(in + starts[x], w + x * taps, taps);
}

// A row scaled down to the height wanted; of interlaced samples both kinds.
static void narrowed(const dy_shape *s, const AVFrame *f, int p, int y, const int32_t *starts,
	const int16_t *weights, rows *r) {
	const dy_plane *pl = &s->planes[p];
	const dy_filter *d = &s->down[p];
	ptrdiff_t stride = f->linesize[pl->plane];
	const uint8_t *src = f->data[pl->plane] + (pl->step > 1 ? 0 : pl->offset);
	if (s->field >= 0) {
		src += s->field * stride;
		stride *= 2;
	}
	src += starts[d->starts + y] * stride;
	const int16_t *w = weights + d->weights + y * d->taps;
	int width = pl->width * pl->step;
	if (pl->bytes == 1) down8((uint16_t *)r->sums, r->narrow[0], src, stride, w, d->taps, width);
	else down16(r->sums, r->narrow[0], src, stride, w, d->taps, width, pl->bits);
	if (pl->step == 1) return;
	int first = pl->offset / pl->bytes;
	for (int x = 0; x < pl->width; x++) r->narrow[1][x] = r->narrow[0][2 * x + first];
}

static inline int clip(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

// Rows hold 128 times the value in 8 bits; the matrix is in 1/8192.
enum { SHIFT = 20, ROUND = 1 << (SHIFT - 1), GREY = 128 * 128 };

WIDE static void colour(const dy_shape *s, const int16_t *restrict yy, const int16_t *restrict uu,
	const int16_t *restrict vv, uint8_t *restrict pix) {
	int black = s->black * 128, cy = s->y, rv = s->rv, gu = s->gu, gv = s->gv, bu = s->bu;
	for (int x = 0; x < s->width; x++) {
		int l = (yy[x] - black) * cy + ROUND, u = uu[x] - GREY, v = vv[x] - GREY;
		pix[3 * x] = (uint8_t)clip((l + u * bu) >> SHIFT);
		pix[3 * x + 1] = (uint8_t)clip((l + u * gu + v * gv) >> SHIFT);
		pix[3 * x + 2] = (uint8_t)clip((l + v * rv) >> SHIFT);
	}
}

static inline float lit(const dy_lights *t, int v) {
	v >>= SHIFT - 2; // to 10 bits
	return t->linear[v < 0 ? 0 : v > 1023 ? 1023 : v];
}

static inline uint8_t shown(const dy_lights *t, float v) {
	int n = v > 0 ? (int)(sqrtf(v * 0.5f) * 4095 + 0.5f) : 0;
	return t->coded[n > 4095 ? 4095 : n];
}

static void light(const dy_shape *s, const dy_lights *t, const int16_t *yy, const int16_t *uu, const int16_t *vv,
	uint8_t *pix) {
	for (int x = 0; x < s->width; x++, pix += 3) {
		int l = (yy[x] - s->black * 128) * s->y + ROUND, u = uu[x] - GREY, v = vv[x] - GREY;
		float r = lit(t, l + v * s->rv), g = lit(t, l + u * s->gu + v * s->gv), b = lit(t, l + u * s->bu);
		float y = t->luma[0] * r + t->luma[1] * g + t->luma[2] * b;
		int at = (int)(y * 1023);
		float k = t->system[at > 1023 ? 1023 : at];
		r *= k, g *= k, b *= k;
		const float *m = t->gamut;
		pix[2] = shown(t, m[0] * r + m[1] * g + m[2] * b);
		pix[1] = shown(t, m[3] * r + m[4] * g + m[5] * b);
		pix[0] = shown(t, m[6] * r + m[7] * g + m[8] * b);
	}
}

// Puts each of half as many samples twice.
static void spread(int16_t *restrict row, const int16_t *restrict half, int n) {
	for (int x = 0; x < n; x++) row[2 * x] = row[2 * x + 1] = half[x];
}

void dy_shrink(const dy_shape *s, const AVFrame *f, const int32_t *starts, const int16_t *weights,
	const dy_lights *lights, uint8_t *room, uint8_t *pix) {
	rows r = rows_in(s, room);
	for (int y = 0; y < s->height; y++, pix += 3 * s->width) {
		for (int p = 0; p < 3; p++) {
			const dy_filter *a = &s->across[p];
			int16_t *row = a->wide < s->width ? r.half : r.row[p];
			narrowed(s, f, p, y, starts, weights, &r);
			across(row, r.narrow[s->planes[p].step > 1], starts + a->starts, weights + a->weights, a->taps, a->wide);
			if (row == r.half) spread(r.row[p], r.half, a->wide);
		}
		if (lights) light(s, lights, r.row[0], r.row[1], r.row[2], pix);
		else colour(s, r.row[0], r.row[1], r.row[2], pix);
	}
}

WIDE static void rounded(const int16_t *restrict row, uint8_t *restrict out, int n) {
	for (int x = 0; x < n; x++) {
		int v = (row[x] + 64) >> 7;
		out[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

void dy_shrink_planes(const dy_shape *s, const AVFrame *f, const int32_t *starts, const int16_t *weights,
	uint8_t *room, uint8_t *out) {
	rows r = rows_in(s, room);
	for (int p = 0; p < 3; p++) {
		const dy_filter *a = &s->across[p];
		for (int y = 0; y < s->down[p].wide; y++, out += a->wide) {
			narrowed(s, f, p, y, starts, weights, &r);
			across(r.row[0], r.narrow[s->planes[p].step > 1], starts + a->starts, weights + a->weights, a->taps, a->wide);
			rounded(r.row[0], out, a->wide);
		}
	}
}

void dy_turn(const uint8_t *src, uint8_t *dst, int w, int h, int start, int across, int down) {
	enum { TILE = 32 }; // columns are walked along in pieces that stay in the cache
	for (int y0 = 0; y0 < h; y0 += TILE)
		for (int x0 = 0; x0 < w; x0 += TILE)
			for (int y = y0; y < y0 + TILE && y < h; y++) {
				const uint8_t *at = src + start + (ptrdiff_t)y * down + (ptrdiff_t)x0 * across;
				for (int x = x0; x < x0 + TILE && x < w; x++, at += across) dst[(ptrdiff_t)y * w + x] = *at;
			}
}

WIDE void dy_planes(const uint8_t *restrict pix, int w, int h, uint8_t *restrict out) {
	uint8_t *u = out + (ptrdiff_t)w * h, *v = u + (ptrdiff_t)(w / 2) * (h / 2);
	for (int i = 0; i < w * h; i++) {
		const uint8_t *p = pix + 3 * i;
		out[i] = (uint8_t)((1016 * p[0] + 10064 * p[1] + 2991 * p[2] + (16 << 14) + (1 << 13)) >> 14);
	}
	for (int y = 0; y < h / 2; y++)
		for (int x = 0; x < w / 2; x++) {
			const uint8_t *p = pix + 3 * (2 * y * w + 2 * x), *q = p + 3 * w;
			int b = p[0] + p[3] + q[0] + q[3], g = p[1] + p[4] + q[1] + q[4], r = p[2] + p[5] + q[2] + q[5];
			u[y * (w / 2) + x] = (uint8_t)((7196 * b - 5547 * g - 1649 * r + (128 << 16) + (1 << 15)) >> 16);
			v[y * (w / 2) + x] = (uint8_t)((7196 * r - 6536 * g - 660 * b + (128 << 16) + (1 << 15)) >> 16);
		}
}
