-- Which part of a reel is at fault, from 1; 0: none by itself. What failed before is
-- told anew once it is asked for again.
ALTER TABLE reels ADD COLUMN failure_part INTEGER NOT NULL DEFAULT 0;
UPDATE reels SET failure = '';
