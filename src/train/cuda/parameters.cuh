/* Parameters and their gradient, all in one piece, and the step that they take. */
#include "train/cuda/lines.cuh"
#include "train/cuda/vector.cuh"

DEVICE void widen_values(const kernel_widen &a, grid grid)
{
    ITEMS (grid, item, a.size)
        a.to[item] = widen(((const bfloat16 *)a.from)[item]);
}

DEVICE void squares(const kernel_squares &a, grid grid)
{
    SHARED double sum[KERNEL_THREADS];
    part<size_t> part = part_of<size_t>(a.size, a.parts, grid.block);
    THREADS (grid, t) {
        double own = 0;
        UNROLL_BY(4)
        for (size_t i = part.first + t; i < part.end; i += grid.threads)
            own += (double)a.gradient[i] * (double)a.gradient[i];
        sum[t] = own;
    }
    join_threads(grid, sum);
    THREADS (grid, t)
        if (t == 0)
            a.partial[grid.block] = sum[0];
}

DEVICE void clip(const kernel_clip &a, grid grid)
{
    SHARED double sum[KERNEL_THREADS];
    THREADS (grid, t) {
        sum[t] = 0;
        for (unsigned p = t; p < (unsigned)a.parts; p += grid.threads)
            sum[t] += a.partial[p];
    }
    join_threads(grid, sum);
    THREADS (grid, t) {
        if (t > 0)
            continue;
        double norm = sqrt(sum[0]), limit = a.step->clip_norm;
        double clip = limit > 0 ? limit / (norm + 1e-6) : 1;
        a.result->gradient_norm = norm;
        a.result->clip = clip < 1 ? (float)clip : 1;
    }
}

DEVICE void update(const kernel_update &a, grid grid)
{
    ITEMS (grid, i, a.size) {
        const kernel_step &step = *a.step;
        float gradient = a.result->clip * a.gradient[i] + step.weight_decay * a.values[i];
        float momentum = step.momentum * a.momentum[i] + gradient;
        float direction = step.nesterov ? gradient + step.momentum * momentum : momentum;
        float value = a.values[i] - step.learning_rate * direction;
        a.momentum[i] = momentum;
        a.values[i] = value;
        if (i < a.rounded_size)
            narrow((bfloat16 *)a.rounded + i, value);
    }
}

DEVICE void round_values(const kernel_round &a, grid grid)
{
    ITEMS (grid, item, a.size)
        narrow((bfloat16 *)a.rounded + item, a.values[item]);
}
