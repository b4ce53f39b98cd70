/* A network on a backend, with a batch: what the tests of training do steps with. */
#ifndef TESTS_TRAIN_RIG_H
#define TESTS_TRAIN_RIG_H

#include "train/backend.h"

struct rig {
    const struct net *net; /* the caller's */
    struct backend *backend;
    struct net_state state; /* what state_get() filled last */
    float *gradient;        /* (param_size) of the last rig_train() */
    float *logits;          /* (batch, classes) of the last step */
};

/* Backends that can be had here, "reference" first; found once, by main(), with a line on stderr
 * for each other one that says why not. */
extern const char *rig_backends[];
extern int rig_backend_count;
void rig_find_backends(void);

/* Those of them that compute in bf16, found by the same call and told likewise. */
extern const char *rig_bf16_backends[];
extern int rig_bf16_count;

/* Deterministic; or by the algorithms that the backend measures to be the fastest. */
void rig_open(struct rig *rig, const struct net *net, const char *backend, size_t batch);
void rig_open_fastest(struct rig *rig, const struct net *net, const char *backend, size_t batch);
void rig_open_bf16(struct rig *rig, const struct net *net, const char *backend, size_t batch);
void rig_close(struct rig *rig);

/* The backend's state, from here and to rig->state. */
void rig_set(struct rig *rig, const struct net_state *state);
void rig_get(struct rig *rig);

/* One step, or one evaluation; state, gradient and logits are read back. */
struct outcome rig_train(struct rig *rig, const struct batch *batch, const struct step *step);
struct outcome rig_evaluate(struct rig *rig, const struct batch *batch);

/* What figures of PyTorch say of a tensor: its norm, and the sum of its values, negated where bit
 * 31 of i * 2654435761 is set, which sees a transposed layout. */
double rig_norm(const float *values, size_t count);
double rig_signed_sum(const float *values, size_t count);
void rig_check_near(double found, double expected, double tolerance, const char *what, size_t i);

#endif
