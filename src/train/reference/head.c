#include "train/reference/reference.h"

#include <math.h>

void reference_mean(struct reference *reference, const struct net_op *op)
{
    struct shape from = reference->base.net->tensors[op->input];
    const double *x = reference->input; /* (N, C, H, W) */
    size_t area = (size_t)(from.H * from.W);
    for (size_t plane = 0; plane < reference->N * (size_t)from.C; plane++) {
        double sum = 0;
        for (size_t i = 0; i < area; i++)
            sum += x[plane * area + i];
        reference->values[op->output][plane] = sum / (double)area;
    }
}

void reference_mean_back(struct reference *reference, const struct net_op *op)
{
    struct shape from = reference->base.net->tensors[op->input];
    const double *dy = reference->gradients[op->output]; /* (N, C) */
    size_t area = (size_t)(from.H * from.W);
    for (size_t i = 0; i < reference->N * (size_t)from.C * area; i++)
        reference->input_gradient[i] += dy[i / area] / (double)area;
}

void reference_linear(struct reference *reference, const struct net_op *op)
{
    const struct net *net = reference->base.net;
    size_t C = (size_t)net->tensors[op->input].C, O = (size_t)net->tensors[op->output].C;
    const double *w = reference->params + net->params[op->weight].offset; /* (O, C) */
    const double *b = reference->params + net->params[op->bias].offset;   /* (O) */
    const double *x = reference->input;                                   /* (N, C) */
    for (size_t n = 0; n < reference->N; n++)
        for (size_t o = 0; o < O; o++) {
            double sum = b[o];
            for (size_t c = 0; c < C; c++)
                sum += w[o * C + c] * x[n * C + c];
            reference->values[op->output][n * O + o] = sum;
        }
}

void reference_linear_back(struct reference *reference, const struct net_op *op)
{
    const struct net *net = reference->base.net;
    size_t C = (size_t)net->tensors[op->input].C, O = (size_t)net->tensors[op->output].C;
    const double *w = reference->params + net->params[op->weight].offset;
    const double *x = reference->input, *dy = reference->gradients[op->output]; /* (N, O) */
    double *dw = reference->gradient + net->params[op->weight].offset;
    double *db = reference->gradient + net->params[op->bias].offset;
    for (size_t n = 0; n < reference->N; n++)
        for (size_t o = 0; o < O; o++) {
            db[o] += dy[n * O + o];
            for (size_t c = 0; c < C; c++) {
                dw[o * C + c] += dy[n * O + o] * x[n * C + c];
                reference->input_gradient[n * C + c] += dy[n * O + o] * w[o * C + c];
            }
        }
}

static size_t largest(const double *logits, size_t classes)
{
    size_t best = 0;
    for (size_t k = 1; k < classes; k++)
        if (logits[k] > logits[best])
            best = k;
    return best;
}

double reference_loss(struct reference *reference, int logits, const uint16_t *labels,
                      double label_smoothing, double weight)
{
    size_t N = reference->N, classes = (size_t)reference->base.net->classes;
    double loss = 0;
    for (size_t n = 0; n < N; n++) {
        const double *z = reference->values[logits] + n * classes;
        double *dz = reference->gradients[logits] + n * classes;
        double most = z[largest(z, classes)], sum = 0;
        for (size_t k = 0; k < classes; k++)
            sum += exp(z[k] - most);
        for (size_t k = 0; k < classes; k++) {
            double target =
                label_smoothing / (double)classes + (k == labels[n] ? 1 - label_smoothing : 0);
            loss -= target * (z[k] - most - log(sum));
            dz[k] = weight * (exp(z[k] - most) / sum - target) / (double)N;
        }
    }
    return loss / (double)N;
}

size_t reference_correct(const struct reference *reference, const uint16_t *labels)
{
    size_t classes = (size_t)reference->base.net->classes, correct = 0;
    for (size_t n = 0; n < reference->N; n++)
        correct += largest(reference->values[reference->base.net->logits] + n * classes, classes) ==
                   labels[n];
    return correct;
}
