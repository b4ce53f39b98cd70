/* Batch norm: statistics of the batch, and the sums that its backward pass needs. What they are put
 * to is a sum of tensors, combine.cuh. */
#include "train/cuda/lines.cuh"
#include "train/cuda/vector.cuh"

/* ---- forward ---- */

/* Of count rows: mean, and the sum of squared differences from it. */
struct moments_of_rows {
    vec mean, squares;
    float count;
};

/* Chan, Golub and LeVeque: sums of squares themselves would lose digits. */
DEVICE moments_of_rows joined(const moments_of_rows &a, const moments_of_rows &b)
{
    float count = a.count + b.count, share = count > 0 ? b.count / count : 0;
    vec difference = b.mean - a.mean;
    return moments_of_rows{a.mean + difference * share,
                           a.squares + b.squares + difference * difference * (a.count * share),
                           count};
}

/* Of rows row, row + step, ... */
template <int COUNT, typename T>
DEVICE moments_of_rows moments_of(tensor data, unsigned row, unsigned step, unsigned channel)
{
    vec value[COUNT], sum = splat(0), squares = splat(0);
    UNROLLED (i, COUNT)
        value[i] = load(at<const T>(data, row + i * step, channel));
    UNROLLED (i, COUNT)
        sum = sum + value[i];
    vec mean = sum * (1.0F / COUNT);
    UNROLLED (i, COUNT)
        squares = squares + (value[i] - mean) * (value[i] - mean);
    return moments_of_rows{mean, squares, COUNT};
}

/* The sums of all threads in shared memory, lane by lane. */
struct moments_room {
    float mean[KERNEL_LANES][KERNEL_THREADS], squares[KERNEL_LANES][KERNEL_THREADS];
    float count[KERNEL_THREADS];
};

DEVICE moments_of_rows moments_get(const moments_room &room, unsigned t)
{
    moments_of_rows result;
    FOR_EACH_LANE (i) {
        result.mean.lane[i] = room.mean[i][t];
        result.squares.lane[i] = room.squares[i][t];
    }
    result.count = room.count[t];
    return result;
}

DEVICE void moments_put(moments_room &room, unsigned t, const moments_of_rows &value)
{
    FOR_EACH_LANE (i) {
        room.mean[i][t] = value.mean.lane[i];
        room.squares[i][t] = value.squares.lane[i];
    }
    room.count[t] = value.count;
}

template <typename T>
DEVICE moments_of_rows moments_of_line(tensor data, part<unsigned> rows, unsigned step,
                                       unsigned channel)
{
    moments_of_rows sum = {splat(0), splat(0), 0};
    unsigned row = rows.first;
    for (; row + 3 * step < rows.end; row += 4 * step)
        sum = joined(sum, moments_of<4, T>(data, row, step, channel));
    for (; row < rows.end; row += step)
        sum = joined(sum, moments_of<1, T>(data, row, step, channel));
    return sum;
}

template <typename T> DEVICE void moments(const kernel_moments &a, grid grid)
{
    SHARED moments_room room;
    unsigned blocks = a.blocks;
    part<unsigned> rows = part_of<unsigned>(a.rows, a.parts, grid.block);
    lines lines = lines_of(grid, blocks);
    for (unsigned first = 0; first < blocks; first += lines.columns) {
        THREADS (grid, t) {
            unsigned line = t / lines.columns, block = first + t % lines.columns;
            if (line >= lines.count || block >= blocks)
                continue;
            moments_put(room, t,
                        moments_of_line<T>(a.data, part<unsigned>{rows.first + line, rows.end},
                                           lines.count, block * KERNEL_LANES));
        }
        join_lines(grid, lines, [&](unsigned t, unsigned other) {
            if (first + t % lines.columns < blocks)
                moments_put(room, t, joined(moments_get(room, t), moments_get(room, other)));
        });
        THREADS (grid, t) {
            if (t >= lines.columns || first + t >= blocks)
                continue;
            moments_of_rows sum = moments_get(room, t);
            float *to = a.partial + ((size_t)grid.block * 2 * blocks + first + t) * KERNEL_LANES;
            store(to, sum.mean);
            store(to + (size_t)blocks * KERNEL_LANES, sum.squares);
        }
    }
}

/* What NORMALISED operands are scaled and shifted by. */
DEVICE void set_forward(const kernel_norm &norm, unsigned c, float mean, float inverse)
{
    float scale = inverse * (norm.gamma ? norm.gamma[c] : 1);
    norm.scale[NORMALISED - 1][c] = scale;
    norm.shift[NORMALISED - 1][c] = (norm.beta ? norm.beta[c] : 0) - mean * scale;
}

DEVICE float running(float old, double value)
{
    return (float)((1 - NET_NORM_MOMENTUM) * old + NET_NORM_MOMENTUM * value);
}

DEVICE void set_statistics(const kernel_norm &norm, unsigned c, double rows, double mean,
                           double squares)
{
    norm.mean[c] = (float)mean;
    norm.inverse[c] = (float)(1 / sqrt(squares / rows + NET_NORM_EPS));
    norm.running_mean[c] = running(norm.running_mean[c], mean);
    norm.running_variance[c] =
        running(norm.running_variance[c], squares / (rows > 1 ? rows - 1 : 1));
    set_forward(norm, c, norm.mean[c], norm.inverse[c]);
}

/* The mean of all is the weighted mean of the parts' means; to the squares within the parts come
 * those between the parts. */
DEVICE void join_moments(const kernel_join_moments &a, grid grid)
{
    SHARED double mean[KERNEL_THREADS], squares[KERNEL_THREADS];
    const unsigned channels = a.blocks * KERNEL_LANES, first = grid.block * KERNEL_LANES;
    lines lines = lines_of(grid, KERNEL_LANES);
    THREADS (grid, t) {
        mean[t] = 0;
        UNROLL_BY(4)
        for (unsigned p = t / lines.columns; p < (unsigned)a.parts; p += lines.count) {
            part<unsigned> rows = part_of<unsigned>(a.rows, a.parts, p);
            mean[t] += (double)(rows.end - rows.first) *
                       a.partial[(size_t)p * 2 * channels + first + t % lines.columns];
        }
    }
    join_lines(grid, lines, [&](unsigned t, unsigned other) { mean[t] += mean[other]; });
    THREADS (grid, t) {
        unsigned c = t % lines.columns;
        double centre = mean[c] / a.rows, sum = 0;
        UNROLL_BY(4)
        for (unsigned p = t / lines.columns; p < (unsigned)a.parts; p += lines.count) {
            part<unsigned> rows = part_of<unsigned>(a.rows, a.parts, p);
            const float *partial = a.partial + (size_t)p * 2 * channels + first + c;
            double difference = partial[0] - centre;
            sum += partial[channels] + difference * difference * (double)(rows.end - rows.first);
        }
        squares[t] = sum;
    }
    join_lines(grid, lines, [&](unsigned t, unsigned other) { squares[t] += squares[other]; });
    THREADS (grid, t)
        if (t < KERNEL_LANES)
            set_statistics(a.norm, first + t, a.rows, mean[t] / a.rows, squares[t]);
}

DEVICE void use_running(const kernel_use_running &a, grid grid)
{
    ITEMS (grid, c, a.blocks * KERNEL_LANES)
        set_forward(a.norm, c, a.norm.running_mean[c],
                    (float)(1 / sqrt((double)a.norm.running_variance[c] + NET_NORM_EPS)));
}

/* ---- backward ---- */

/* The sums of all threads in shared memory: of factor * gradient, and of it times (data - mean). */
struct products_room {
    float sum[2 * KERNEL_LANES][KERNEL_THREADS];
};

template <typename T>
DEVICE void products_of_line(const kernel_products &a, part<unsigned> rows, unsigned step,
                             unsigned channel, products_room &room, unsigned t)
{
    vec mean = load(a.mean + channel), sum = splat(0), product = splat(0);
    UNROLL_BY(4)
    for (unsigned row = rows.first; row < rows.end; row += step) {
        vec gradient = load(at<const T>(a.gradient, row, channel));
        vec data = load(at<const T>(a.data, row, channel));
        if (a.factor)
            gradient = gradient * a.factor[row / a.pixels];
        sum = sum + gradient;
        product = product + gradient * (data - mean);
    }
    FOR_EACH_LANE (i) {
        room.sum[i][t] = sum.lane[i];
        room.sum[KERNEL_LANES + i][t] = product.lane[i];
    }
}

template <typename T> DEVICE void products(const kernel_products &a, grid grid)
{
    SHARED products_room room;
    unsigned blocks = a.blocks;
    part<unsigned> rows = part_of<unsigned>(a.rows, a.parts, grid.block);
    lines lines = lines_of(grid, blocks);
    for (unsigned first = 0; first < blocks; first += lines.columns) {
        THREADS (grid, t) {
            unsigned line = t / lines.columns, block = first + t % lines.columns;
            if (line < lines.count && block < blocks)
                products_of_line<T>(a, part<unsigned>{rows.first + line, rows.end}, lines.count,
                                    block * KERNEL_LANES, room, t);
        }
        join_lines(grid, lines, [&](unsigned t, unsigned other) {
            if (first + t % lines.columns >= blocks)
                return;
            UNROLLED (i, 2 * KERNEL_LANES)
                room.sum[i][t] += room.sum[i][other];
        });
        THREADS (grid, t) {
            if (t >= lines.columns || first + t >= blocks)
                continue;
            float *to = a.partial + ((size_t)grid.block * 2 * blocks + first + t) * KERNEL_LANES;
            FOR_EACH_LANE (i) {
                to[i] = room.sum[i][t];
                to[(size_t)blocks * KERNEL_LANES + i] = room.sum[KERNEL_LANES + i][t];
            }
        }
    }
}

DEVICE void set_backward(const kernel_norm &norm, unsigned c, double rows, double sum,
                         double product)
{
    double inverse = norm.inverse[c], of_gamma = product * inverse;
    double scale = (norm.gamma ? norm.gamma[c] : 1) * inverse;
    double slope = -scale * inverse * of_gamma / rows;
    norm.scale[SUM_GRADIENT - 1][c] = (float)scale;
    norm.shift[SUM_GRADIENT - 1][c] = 0;
    norm.scale[INPUT_GRADIENT - 1][c] = (float)slope;
    norm.shift[INPUT_GRADIENT - 1][c] = (float)(-scale * sum / rows - slope * norm.mean[c]);
    if (norm.gamma)
        norm.gamma_gradient[c] = (float)of_gamma;
    if (norm.beta)
        norm.beta_gradient[c] = (float)sum;
}

DEVICE void join_products(const kernel_join_products &a, grid grid)
{
    SHARED double sum[KERNEL_THREADS], product[KERNEL_THREADS];
    const unsigned channels = a.blocks * KERNEL_LANES, first = grid.block * KERNEL_LANES;
    lines lines = lines_of(grid, KERNEL_LANES);
    THREADS (grid, t) {
        double both[2] = {0, 0};
        UNROLL_BY(4)
        for (unsigned p = t / lines.columns; p < (unsigned)a.parts; p += lines.count) {
            const float *partial = a.partial + (size_t)p * 2 * channels + first + t % lines.columns;
            both[0] += partial[0];
            both[1] += partial[channels];
        }
        sum[t] = both[0];
        product[t] = both[1];
    }
    join_lines(grid, lines, [&](unsigned t, unsigned other) {
        sum[t] += sum[other];
        product[t] += product[other];
    });
    THREADS (grid, t)
        if (t < KERNEL_LANES)
            set_backward(a.norm, first + t, a.rows, sum[t], product[t]);
}
