experiment "x" {
seed=1
   backbone   "transformer" {
layers=1
}
}
