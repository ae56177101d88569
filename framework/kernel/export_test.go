package kernel

// FMA is what generic kernels round by.
var FMA = fma
