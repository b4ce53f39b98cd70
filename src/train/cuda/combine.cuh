/* Sums of tensors, and channels moved from one to the other. */
#include "train/cuda/vector.cuh"

DEVICE vec summand(const kernel_operand &operand, vec value, unsigned channel, unsigned image)
{
    if (operand.scale)
        value = value * load(operand.scale + channel) + load(operand.shift + channel);
    return operand.factor ? value * operand.factor[image] : value;
}

/* The sum of COUNT operands from the first on: all are on their way before one is needed. */
template <int COUNT, typename T>
DEVICE vec sum_of(const kernel_combine &a, int first, vec mask, unsigned pixel, unsigned channel)
{
    vec value[COUNT], sum = splat(0);
    UNROLLED (i, COUNT)
        value[i] = load(at<const T>(a.operands[first + i].tensor, pixel, channel));
    UNROLLED (i, COUNT) {
        vec term = summand(a.operands[first + i], value[i], channel, pixel / a.pixels);
        sum = sum + (first + i < a.masked_count ? where_positive(mask, term) : term);
    }
    return sum;
}

/* Of up to four: more at once would take registers from other threads. */
template <typename T>
DEVICE vec sum_of_some(const kernel_combine &a, int first, vec mask, unsigned pixel,
                       unsigned channel)
{
    switch (a.operand_count - first) {
    case 1:
        return sum_of<1, T>(a, first, mask, pixel, channel);
    case 2:
        return sum_of<2, T>(a, first, mask, pixel, channel);
    case 3:
        return sum_of<3, T>(a, first, mask, pixel, channel);
    default:
        return sum_of<4, T>(a, first, mask, pixel, channel);
    }
}

template <typename T> DEVICE void combine(const kernel_combine &a, grid grid)
{
    ITEMS (grid, item, a.count * a.pixels * a.blocks) {
        unsigned pixel = item / a.blocks, channel = item % a.blocks * KERNEL_LANES;
        vec mask = load_if(a.masked_count > 0, at<const T>(a.mask, pixel, channel));
        vec sum = splat(0);
        for (int first = 0; first < a.operand_count; first += 4)
            sum = sum + sum_of_some<T>(a, first, mask, pixel, channel);
        UNROLLED (i, PLAN_TARGETS)
            if (i < a.target_count)
                store(at<T>(a.targets[i].tensor, pixel, channel),
                      a.targets[i].relu ? rectified(sum) : sum);
    }
}

template <typename T> DEVICE void move(const kernel_move &a, grid grid)
{
    int first = a.to / KERNEL_LANES, blocks = (a.to + a.count - 1) / KERNEL_LANES - first + 1;
    ITEMS (grid, item, a.rows * blocks) {
        int block = first + (int)(item % blocks);
        const T *source = at<const T>(a.source, item / blocks, a.from);
        T *target = at<T>(a.target, item / blocks, block * KERNEL_LANES);
        FOR_EACH_LANE (i) {
            int moved = block * KERNEL_LANES + i - a.to;
            if (moved >= 0)
                narrow(&target[i], moved < a.count ? widen(source[moved]) : 0);
        }
    }
}
