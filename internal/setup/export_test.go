package setup

// DynamicShape is for the fuzz target.
var DynamicShape = dynamicShape
