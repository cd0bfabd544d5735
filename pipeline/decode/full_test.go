package decode

import "context"

// OpenUntried opens a recording like Open, without trying to decode it, and reads
// all of it where full is set.
func OpenUntried(ctx context.Context, path string, full bool) (*Source, error) {
	if full {
		return openBy(ctx, path, openInput)
	}
	return indexed(ctx, path)
}
