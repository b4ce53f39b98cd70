/* Where a backend that works by a plan keeps the parameters of a net: in one flat vector of its own
 * order, channels where the plan lays them and filled up to whole blocks. What fills up is zero and
 * stays so, since its gradient is. The backend places the weights of convolutions, as it likes to
 * read them; all else is placed here.
 *
 * A source says of each place of such a vector which value of the net's order it holds; ORDER_NONE:
 * none. */
#ifndef TRAIN_PLAN_ORDER_H
#define TRAIN_PLAN_ORDER_H

#include "train/plan/plan.h"

enum { ORDER_NONE = -1 };

struct order {
    const struct plan *plan;
    size_t align;            /* every piece begins at a multiple of so many places */
    size_t first;            /* places before it have no source here: the backend knows them */
    size_t size;             /* all places so far */
    ptrdiff_t *source;       /* (size - first) */
    ptrdiff_t *gamma, *beta; /* of each of the net's norms; ORDER_NONE: not affine, or dead */
    ptrdiff_t *linear;       /* of each operator: (outputs, channels), then (outputs) of the bias;
                                ORDER_NONE: it is not linear, or dead */
};

/* With first places taken, a multiple of align. The caller gives it to order_close(). */
void order_open(struct order *order, const struct plan *plan, size_t align, size_t first);
void order_close(struct order *order);

/* Takes the next count places: where they begin. */
ptrdiff_t order_reserve(struct order *order, size_t count);
/* Places all that is no weight of a live convolution. What is dead takes part in weight decay. */
void order_rest(struct order *order);

/* How far apart neighbours are in the weights of a convolution, values. */
struct order_strides {
    size_t output, input, tap;
};

/* The weights of all its members, into source (of all its channels, filled up). */
void order_conv(const struct plan *plan, const struct plan_conv *conv, struct order_strides strides,
                ptrdiff_t *source);

ptrdiff_t *order_nones(size_t count); /* (count) ORDER_NONE; the caller frees */

/* Running statistics: of one live norm after the other its means, then its variances. The source,
 * (size), is in struct net_state.stats; the caller frees. */
ptrdiff_t *order_stats(const struct plan *plan, size_t *size);
size_t order_norm_channels(const struct plan *plan, size_t norm); /* filled up; 0: it is dead */

/* Between the net's order and one's own, for so many places. What has no source stays as it is. */
void order_import(const ptrdiff_t *source, size_t count, const float *net_order, float *own);
void order_export(const ptrdiff_t *source, size_t count, const float *own, float *net_order);

#endif
