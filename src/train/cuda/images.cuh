/* What a network reads: images, with their channels side by side. */
#ifndef TRAIN_CUDA_IMAGES_CUH
#define TRAIN_CUDA_IMAGES_CUH

#include "train/cuda/vector.cuh"

struct place {
    unsigned image;
    int y, x;
};

DEVICE place place_of(unsigned pixel, int H, int W)
{
    unsigned row = pixel / W;
    return place{row / H, (int)(row % H), (int)(pixel % W)};
}

DEVICE bool is_inside(int at, int count)
{
    return at >= 0 && at < count;
}

/* In the blanked square? */
DEVICE bool is_cut(const view &view, int y, int x)
{
    int half = view.cut_size / 2;
    return y >= view.cut_y - half && y < view.cut_y + half && x >= view.cut_x - half &&
           x < view.cut_x + half;
}

template <typename T> DEVICE void images(const kernel_images &a, grid grid)
{
    ITEMS (grid, item, a.count * a.H * a.W) {
        place to = place_of(item, a.H, a.W);
        const view view = a.views[to.image];
        int y = to.y + view.dy, x = (view.flip ? a.W - 1 - to.x : to.x) + view.dx;
        bool inside = is_inside(y, a.H) && is_inside(x, a.W);
        vec value = splat(0);
        UNROLLED (c, IMAGES_CHANNELS)
            if (c < a.C && !is_cut(view, to.y, to.x)) {
                size_t row = ((size_t)view.index * a.C + c) * a.H + y;
                value.lane[c] = a.scale[c] * (inside ? a.set[row * a.W + x] : 0) + a.shift[c];
            }
        store(at<T>(a.to, item, 0), value);
    }
}

template <typename T> DEVICE void pixels(const kernel_pixels &a, grid grid)
{
    unsigned area = a.H * a.W;
    ITEMS (grid, item, a.count * area) {
        const float *from = a.pixels + (size_t)(item / area) * a.C * area + item % area;
        vec value = splat(0);
        FOR_EACH_LANE (c)
            value.lane[c] = c < a.C ? from[(size_t)c * area] : 0;
        store(at<T>(a.to, item, 0), value);
    }
}

#endif
