/* The end of a network: mean over the pixels, classifier, loss. */
#include "train/cuda/lines.cuh"
#include "train/cuda/vector.cuh"

template <typename T> DEVICE void mean(const kernel_mean &a, grid grid)
{
    ITEMS (grid, item, a.count * a.blocks) {
        unsigned image = item / a.blocks, channel = item % a.blocks * KERNEL_LANES;
        vec sum = splat(0);
        UNROLL_BY(4)
        for (int p = 0; p < a.pixels; p++)
            sum = sum + load(at<const T>(a.wide, image * a.pixels + p, channel));
        store(at<T>(a.pooled, image, channel), sum * (1.0F / (float)a.pixels));
    }
}

template <typename T> DEVICE void mean_back(const kernel_mean &a, grid grid)
{
    ITEMS (grid, item, a.count * a.pixels * a.blocks) {
        unsigned pixel = item / a.blocks, channel = item % a.blocks * KERNEL_LANES;
        vec gradient = load(at<const T>(a.pooled, pixel / a.pixels, channel));
        store(at<T>(a.wide, pixel, channel), gradient * (1.0F / (float)a.pixels));
    }
}

/* ---- the classifier ---- */

template <typename T> DEVICE void linear(const kernel_linear &a, grid grid)
{
    const unsigned lanes = a.out_blocks * KERNEL_LANES, channels = a.in_blocks * KERNEL_LANES;
    ITEMS (grid, item, a.count * lanes) {
        unsigned image = item / lanes, k = item % lanes;
        float sum = k < (unsigned)a.classes ? a.bias[k] : 0;
        for (unsigned c = 0; k < (unsigned)a.classes && c < channels; c += KERNEL_LANES) {
            vec product =
                load(a.weight + (size_t)k * channels + c) * load(at<const T>(a.input, image, c));
            FOR_EACH_LANE (i)
                sum += product.lane[i];
        }
        narrow(at<T>(a.output, image, k), sum);
    }
}

template <typename T> DEVICE void linear_back(const kernel_linear &a, grid grid)
{
    const unsigned channels = a.in_blocks * KERNEL_LANES;
    ITEMS (grid, item, a.count * channels) {
        unsigned image = item / channels, c = item % channels;
        const T *gradient = at<const T>(a.output_gradient, image, 0);
        float sum = 0;
        UNROLL_BY(4)
        for (int k = 0; k < a.classes; k++)
            sum += a.weight[(size_t)k * channels + c] * widen(gradient[k]);
        narrow(at<T>(a.input_gradient, image, c), sum);
    }
}

template <typename T> DEVICE void linear_weights(const kernel_linear &a, grid grid)
{
    const unsigned channels = a.in_blocks * KERNEL_LANES, weights = a.classes * channels;
    ITEMS (grid, item, weights + a.classes) {
        bool is_bias = item >= weights;
        unsigned k = is_bias ? item - weights : item / channels, c = item % channels;
        float sum = 0;
        UNROLL_BY(4)
        for (int n = 0; n < a.count; n++)
            sum += widen(*at<const T>(a.output_gradient, n, k)) *
                   (is_bias ? 1 : widen(*at<const T>(a.input, n, c)));
        (is_bias ? a.bias_gradient + k : a.weight_gradient + item)[0] = sum;
    }
}

/* ---- the loss: -sum q log p, with q = smoothing / classes, and 1 - smoothing more for the label.
 * p is the softmax of the logits ---- */

/* The first of the largest. */
template <typename T> DEVICE int largest(const T *logits, int classes)
{
    int best = 0;
    for (int k = 1; k < classes; k++)
        if (widen(logits[k]) > widen(logits[best]))
            best = k;
    return best;
}

template <typename T> DEVICE void loss_of(const kernel_loss &a, unsigned image)
{
    const T *logits = at<const T>(a.logits, image, 0);
    int best = largest(logits, a.classes), label = a.labels[image];
    float smoothing = a.step ? a.step->label_smoothing : 0, even = smoothing / (float)a.classes;
    float weight = a.auxiliary ? a.step->auxiliary_weight : 1, sum = 0, total = 0;
    for (int k = 0; k < a.classes; k++)
        sum += expf(widen(logits[k]) - widen(logits[best]));
    float most = widen(logits[best]), log_sum = logf(sum);
    for (int k = 0; k < a.blocks * KERNEL_LANES; k++) {
        float log_p = k < a.classes ? widen(logits[k]) - most - log_sum : 0;
        float q = k < a.classes ? even + (k == label ? 1 - smoothing : 0) : 0;
        total -= q > 0 ? q * log_p : 0;
        if (a.step)
            narrow(at<T>(a.gradient, image, k),
                   k < a.classes ? (expf(log_p) - q) * (weight / (float)a.count) : 0);
    }
    a.losses[image] += weight * total;
    if (!a.auxiliary)
        a.correct[image] = best == label;
}

template <typename T> DEVICE void loss(const kernel_loss &a, grid grid)
{
    ITEMS (grid, item, a.count)
        loss_of<T>(a, item);
}

DEVICE void outcome(const kernel_outcome &a, grid grid)
{
    SHARED double loss[KERNEL_THREADS], correct[KERNEL_THREADS];
    THREADS (grid, t) {
        loss[t] = correct[t] = 0;
        for (unsigned i = t; i < (unsigned)a.count; i += grid.threads) {
            loss[t] += a.losses[i];
            correct[t] += a.correct[i];
        }
    }
    join_threads(grid, loss);
    join_threads(grid, correct);
    THREADS (grid, t)
        if (t == 0) {
            a.result->loss = loss[0] / a.count;
            a.result->correct = (int)correct[0];
        }
}
