/* Pools, and what they share with convolutions: which pixels of the input a window sees from a
 * pixel of the output, and from which pixels of the output one of the input is seen. */
#ifndef TRAIN_CUDA_WINDOWS_CUH
#define TRAIN_CUDA_WINDOWS_CUH

#include "train/cuda/images.cuh"
#include "train/cuda/vector.cuh"

/* Calls visit(tap, inside, pixel) for each tap of the window, in the order of rows. pixel counts
 * through all images' inputs, where inside is true. K: the kernel, so that loops unroll; 0: any. */
template <int K, typename Visit>
DEVICE void for_each_seen(const kernel_window &window, place from, Visit visit)
{
    const int k = K ? K : window.kernel;
    int top = from.y * window.stride - window.padding,
        left = from.x * window.stride - window.padding;
    unsigned base = from.image * window.in_h * window.in_w;
    UNROLLED (v, k)
        UNROLLED (u, k) {
            int y = top + v * window.dilation, x = left + u * window.dilation;
            visit(v * k + u, is_inside(y, window.in_h) && is_inside(x, window.in_w),
                  base + y * window.in_w + x);
        }
}

/* Output row or column from which tap sees input at; -1 where none does. */
DEVICE int sees(const kernel_window &window, int at, int tap, int count)
{
    int far = at + window.padding - tap * window.dilation;
    if (window.stride > 1)
        far = far >= 0 && far % window.stride == 0 ? far / window.stride : -1;
    return is_inside(far, count) ? far : -1;
}

/* Calls visit(tap, inside, place, pixel) for each tap, with the place of the output from which it
 * sees the input, where inside is true. Of a larger kernel only rows unroll: all 25 taps would want
 * more registers than there are. */
template <int K, typename Visit>
DEVICE void for_each_seer(const kernel_window &window, place from, Visit visit)
{
    const int k = K ? K : window.kernel;
    unsigned base = from.image * window.out_h * window.out_w;
    UNROLL_BY(K == 3 ? K : 1)
    for (int v = 0; v < k; v++)
        UNROLLED (u, k) {
            int y = sees(window, from.y, v, window.out_h),
                x = sees(window, from.x, u, window.out_w);
            visit(v * k + u, y >= 0 && x >= 0, place{from.image, y, x},
                  base + y * window.out_w + x);
        }
}

/* ---- averages ---- */

/* Inputs that the window sees from one row or column of the output. */
DEVICE int seen_count(const kernel_window &window, int from, int count)
{
    int first = from * window.stride - window.padding, end = first + window.kernel;
    return (end < count ? end : count) - (first > 0 ? first : 0);
}

DEVICE float share(const kernel_window &window, place from)
{
    return 1.0F / (float)(seen_count(window, from.y, window.in_h) *
                          seen_count(window, from.x, window.in_w));
}

template <int K, typename T> DEVICE void average_of(const kernel_pool &a, unsigned item)
{
    unsigned pixel = item / a.window.blocks, channel = item % a.window.blocks * KERNEL_LANES;
    place to = place_of(pixel, a.window.out_h, a.window.out_w);
    vec sum = splat(0);
    for_each_seen<K>(a.window, to, [&](int, bool inside, unsigned seen) {
        sum = sum + load_if(inside, at<const T>(a.input, seen, channel));
    });
    store(at<T>(a.output, pixel, channel), sum * share(a.window, to));
}

template <typename T> DEVICE void average(const kernel_pool &a, grid grid)
{
    ITEMS (grid, item, a.window.count * a.window.out_h * a.window.out_w * a.window.blocks)
        if (a.window.kernel == 3)
            average_of<3, T>(a, item);
        else
            average_of<0, T>(a, item);
}

template <int K, typename T> DEVICE void average_back_of(const kernel_pool &a, unsigned item)
{
    unsigned pixel = item / a.window.blocks, channel = item % a.window.blocks * KERNEL_LANES;
    vec sum = splat(0);
    for_each_seer<K>(a.window, place_of(pixel, a.window.in_h, a.window.in_w),
                     [&](int, bool inside, place seer, unsigned seer_pixel) {
                         vec gradient =
                             load_if(inside, at<const T>(a.output_gradient, seer_pixel, channel));
                         sum = sum + gradient * (inside ? share(a.window, seer) : 0);
                     });
    store(at<T>(a.input_gradient, pixel, channel), sum);
}

template <typename T> DEVICE void average_back(const kernel_pool &a, grid grid)
{
    ITEMS (grid, item, a.window.count * a.window.in_h * a.window.in_w * a.window.blocks)
        if (a.window.kernel == 3)
            average_back_of<3, T>(a, item);
        else
            average_back_of<0, T>(a, item);
}

/* ---- maxima: in the order of rows, a value takes the place of the largest so far if: ---- */

DEVICE bool takes_over(float value, float largest)
{
    return value > largest || value != value;
}

template <int K, typename T> DEVICE void maximum_of(const kernel_pool &a, unsigned item)
{
    unsigned pixel = item / a.window.blocks, channel = item % a.window.blocks * KERNEL_LANES;
    vec largest = splat(-INFINITY);
    for_each_seen<K>(a.window, place_of(pixel, a.window.out_h, a.window.out_w),
                     [&](int, bool inside, unsigned seen) {
                         vec value = load_if(inside, at<const T>(a.input, seen, channel));
                         FOR_EACH_LANE (i)
                             if (inside && takes_over(value.lane[i], largest.lane[i]))
                                 largest.lane[i] = value.lane[i];
                     });
    store(at<T>(a.output, pixel, channel), largest);
}

template <typename T> DEVICE void maximum(const kernel_pool &a, grid grid)
{
    ITEMS (grid, item, a.window.count * a.window.out_h * a.window.out_w * a.window.blocks)
        if (a.window.kernel == 3)
            maximum_of<3, T>(a, item);
        else
            maximum_of<0, T>(a, item);
}

/* A bit for each lane: is mine, which lies at tap, the largest that is seen from there? */
template <int K, typename T>
DEVICE unsigned largest_lanes(const kernel_pool &a, place from, int tap, vec mine, unsigned channel)
{
    unsigned lanes = (1U << KERNEL_LANES) - 1;
    for_each_seen<K>(a.window, from, [&](int other, bool inside, unsigned seen) {
        vec value = load_if(inside, at<const T>(a.input, seen, channel));
        FOR_EACH_LANE (i) {
            bool beaten = other < tap ? !takes_over(mine.lane[i], value.lane[i])
                                      : takes_over(value.lane[i], mine.lane[i]);
            lanes &= ~((unsigned)(inside && other != tap && beaten) << i);
        }
    });
    return lanes;
}

template <int K, typename T> DEVICE void maximum_back_of(const kernel_pool &a, unsigned item)
{
    unsigned pixel = item / a.window.blocks, channel = item % a.window.blocks * KERNEL_LANES;
    vec mine = load(at<const T>(a.input, pixel, channel)), sum = splat(0);
    for_each_seer<0>(a.window, place_of(pixel, a.window.in_h, a.window.in_w),
                     [&](int tap, bool inside, place seer, unsigned seer_pixel) {
                         if (!inside)
                             return;
                         unsigned lanes = largest_lanes<K, T>(a, seer, tap, mine, channel);
                         vec gradient = load(at<const T>(a.output_gradient, seer_pixel, channel));
                         FOR_EACH_LANE (i)
                             sum.lane[i] += lanes >> i & 1 ? gradient.lane[i] : 0;
                     });
    store(at<T>(a.input_gradient, pixel, channel), sum);
}

template <typename T> DEVICE void maximum_back(const kernel_pool &a, grid grid)
{
    ITEMS (grid, item, a.window.count * a.window.in_h * a.window.in_w * a.window.blocks)
        if (a.window.kernel == 3)
            maximum_back_of<3, T>(a, item);
        else
            maximum_back_of<0, T>(a, item);
}

/* ---- every second pixel ---- */

template <typename T> DEVICE void subsample(const kernel_subsample &a, grid grid)
{
    ITEMS (grid, item, a.count * a.H * a.W * a.blocks) {
        unsigned pixel = item / a.blocks, channel = item % a.blocks * KERNEL_LANES;
        place to = place_of(pixel, a.H, a.W);
        unsigned row = (to.image * a.H + to.y) * 2 + a.offset, column = 2 * to.x + a.offset;
        store(at<T>(a.small, pixel, channel),
              load(at<const T>(a.large, row * 2 * a.W + column, channel)));
    }
}

template <typename T> DEVICE void subsample_back(const kernel_subsample &a, grid grid)
{
    ITEMS (grid, item, a.count * 4 * a.H * a.W * a.blocks) {
        unsigned pixel = item / a.blocks, channel = item % a.blocks * KERNEL_LANES;
        place to = place_of(pixel, 2 * a.H, 2 * a.W);
        bool taken = to.y % 2 == a.offset && to.x % 2 == a.offset;
        unsigned from = (to.image * a.H + to.y / 2) * a.W + to.x / 2;
        store(at<T>(a.large, pixel, channel), load_if(taken, at<const T>(a.small, from, channel)));
    }
}

#endif
