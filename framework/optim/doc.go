// Package optim traces optimizers: functions of a parameter, its gradient and
// the optimizer's slots that return the new parameter and slots. A slot has the
// shape of its parameter and starts at zero. Conventions are PyTorch's.
package optim
