package pipeline

// Glimpse is what results are kept under.
var Glimpse = glimpse

// Said is what was heard, as far as who is seen tells whose it is.
var Said = said
