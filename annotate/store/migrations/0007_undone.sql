-- Which edit is taken back, or done again: an undo by force may change nothing, and is
-- hollow only where that one is. NULL: none is; or, before this, it is not known.
ALTER TABLE edits ADD COLUMN of_place INTEGER;
