// Package affinity finds out which tasks of an experiment help each other when they are
// trained together.
//
// Look-ahead, after Fifty et al. 2021, "Efficiently Identifying Task Groupings for Multi-Task
// Learning" (https://arxiv.org/abs/2109.04617, equation 1): all tasks train one model, and at
// every step the shared parameters also take, on the side, a step for each task i alone. The
// affinity of i onto j is the part of j's loss that this takes away:
//
//	Z_ij = 1 − L_j(θ − α ∇L_i(θ), θ_j) / L_j(θ, θ_j)
//
// θ are the shared parameters and θ_j those of j alone. It costs one training, in which
// every task is predicted T times more.
//
// Transfer, after Standley et al. 2020, "Which Tasks Should Be Learned Together in Multi-task
// Learning?" (https://arxiv.org/abs/1905.07553): every task is trained alone and beside each other
// one, with the experiment's learner, and D_ij is how much better j becomes on validation
// beside i, as a part of what it scores alone. It costs T(T+1)/2 trainings.
//
// Either way, tasks are put in groups so that the mean effect on a task of those it trains
// with is as large as it can be.
package affinity
