/* Convolutions of each channel by itself. */
#include "train/cuda/lines.cuh"
#include "train/cuda/windows.cuh"

template <int K, typename T> DEVICE void depthwise_of(const kernel_depthwise &a, unsigned item)
{
    unsigned pixel = item / a.window.blocks, channel = item % a.window.blocks * KERNEL_LANES;
    const T *weight = (const T *)a.weight + channel;
    vec sum = splat(0);
    for_each_seen<K>(a.window, place_of(pixel, a.window.out_h, a.window.out_w),
                     [&](int tap, bool inside, unsigned seen) {
                         sum = sum + load(weight + tap * a.window.blocks * KERNEL_LANES) *
                                         load_if(inside, at<const T>(a.input, seen, channel));
                     });
    store(at<T>(a.output, pixel, channel), sum);
}

template <typename T> DEVICE void depthwise(const kernel_depthwise &a, grid grid)
{
    ITEMS (grid, item, a.window.count * a.window.out_h * a.window.out_w * a.window.blocks)
        if (a.window.kernel == 3)
            depthwise_of<3, T>(a, item);
        else if (a.window.kernel == 5)
            depthwise_of<5, T>(a, item);
        else
            depthwise_of<0, T>(a, item);
}

template <int K, typename T> DEVICE void depthwise_back_of(const kernel_depthwise &a, unsigned item)
{
    unsigned pixel = item / a.window.blocks, channel = item % a.window.blocks * KERNEL_LANES;
    const T *weight = (const T *)a.weight + channel;
    vec sum = splat(0);
    for_each_seer<K>(a.window, place_of(pixel, a.window.in_h, a.window.in_w),
                     [&](int tap, bool inside, place, unsigned seer) {
                         sum = sum +
                               load(weight + tap * a.window.blocks * KERNEL_LANES) *
                                   load_if(inside, at<const T>(a.output_gradient, seer, channel));
                     });
    store(at<T>(a.input_gradient, pixel, channel), sum);
}

template <typename T> DEVICE void depthwise_back(const kernel_depthwise &a, grid grid)
{
    ITEMS (grid, item, a.window.count * a.window.in_h * a.window.in_w * a.window.blocks)
        if (a.window.kernel == 3)
            depthwise_back_of<3, T>(a, item);
        else if (a.window.kernel == 5)
            depthwise_back_of<5, T>(a, item);
        else
            depthwise_back_of<0, T>(a, item);
}

/* ---- the weights' gradient: a thread sums for a run of taps side by side, so that it reads the
 * gradient once for all of them; a column is a block of channels and a run ---- */

enum { LONGEST_RUN = 5 };

/* Sums of all threads, in shared memory. */
struct taps_room {
    float sum[LONGEST_RUN * KERNEL_LANES][KERNEL_THREADS];
};

template <int RUN, typename T>
DEVICE void taps_of_line(const kernel_depthwise_weights &a, part<unsigned> rows, unsigned step,
                         unsigned channel, unsigned tap, taps_room &room, unsigned t)
{
    const kernel_window &window = a.window;
    int down = tap / window.kernel * window.dilation - window.padding,
        right = tap % window.kernel * window.dilation - window.padding;
    vec sum[RUN];
    UNROLLED (i, RUN)
        sum[i] = splat(0);
    for (unsigned pixel = rows.first; pixel < rows.end; pixel += step) {
        place from = place_of(pixel, window.out_h, window.out_w);
        int y = from.y * window.stride + down, x = from.x * window.stride + right;
        vec gradient = load(at<const T>(a.output_gradient, pixel, channel));
        unsigned row = (from.image * window.in_h + y) * window.in_w + x;
        UNROLLED (i, RUN) {
            int far = i * window.dilation;
            bool inside = is_inside(y, window.in_h) && is_inside(x + far, window.in_w);
            vec value = load_if(inside, at<const T>(a.input, row + far, channel));
            sum[i] = sum[i] + gradient * value;
        }
    }
    UNROLLED (i, RUN)
        FOR_EACH_LANE (j)
            room.sum[i * KERNEL_LANES + j][t] = sum[i].lane[j];
}

template <int RUN, typename T>
DEVICE void depthwise_weights_of(const kernel_depthwise_weights &a, grid grid, taps_room &room)
{
    const unsigned blocks = a.window.blocks, taps = a.window.kernel * a.window.kernel;
    const unsigned columns = blocks * taps / RUN;
    part<unsigned> rows =
        part_of<unsigned>(a.window.count * a.window.out_h * a.window.out_w, a.parts, grid.block);
    lines lines = lines_of(grid, columns);
    for (unsigned first = 0; first < columns; first += lines.columns) {
        THREADS (grid, t) {
            unsigned line = t / lines.columns, column = first + t % lines.columns;
            if (line < lines.count && column < columns)
                taps_of_line<RUN, T>(a, part<unsigned>{rows.first + line, rows.end}, lines.count,
                                     column % blocks * KERNEL_LANES, column / blocks * RUN, room,
                                     t);
        }
        join_lines(grid, lines, [&](unsigned t, unsigned other) {
            if (first + t % lines.columns >= columns)
                return;
            UNROLLED (i, RUN * KERNEL_LANES)
                room.sum[i][t] += room.sum[i][other];
        });
        THREADS (grid, t) {
            unsigned column = first + t;
            if (t >= lines.columns || column >= columns)
                continue;
            UNROLLED (i, RUN) {
                size_t tap = (size_t)grid.block * taps + column / blocks * RUN + i;
                float *to = a.partial + (tap * blocks + column % blocks) * KERNEL_LANES;
                FOR_EACH_LANE (j)
                    to[j] = room.sum[i * KERNEL_LANES + j][t];
            }
        }
    }
}

template <typename T> DEVICE void depthwise_weights(const kernel_depthwise_weights &a, grid grid)
{
    SHARED taps_room room;
    if (a.window.kernel == 3)
        depthwise_weights_of<3, T>(a, grid, room);
    else if (a.window.kernel == 5)
        depthwise_weights_of<5, T>(a, grid, room);
    else
        depthwise_weights_of<1, T>(a, grid, room);
}

DEVICE void join(const kernel_join &a, grid grid)
{
    SHARED double sum[KERNEL_THREADS];
    lines lines = lines_of(grid, KERNEL_LANES);
    const float *partial = a.partial + (size_t)grid.block * KERNEL_LANES;
    THREADS (grid, t) {
        double own = 0;
        UNROLL_BY(4)
        for (unsigned p = t / lines.columns; p < (unsigned)a.parts; p += lines.count)
            own += partial[(size_t)p * a.size + t % lines.columns];
        sum[t] = own;
    }
    join_lines(grid, lines, [&](unsigned t, unsigned other) { sum[t] += sum[other]; });
    THREADS (grid, t)
        if (t < KERNEL_LANES)
            a.to[(size_t)grid.block * KERNEL_LANES + t] = (float)sum[t];
}
