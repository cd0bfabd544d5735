package pipeline

// Glimpse is what results are kept under.
var Glimpse = glimpse
