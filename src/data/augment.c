#include "data/augment.h"

#include <string.h>

struct augment augment_of(const struct dataset *dataset, const json_t *settings)
{
    return (struct augment){
        .flip = option_boolean(settings, "flip"),
        .crop_padding = dataset_number(settings, "crop_padding", dataset->type->crop_padding),
        .cutout = (int)option_integer(settings, "cutout"),
    };
}

struct view augment_nothing(uint32_t index)
{
    return (struct view){.index = index};
}

/* Uniform in [-padding, padding]. */
static int8_t draw_shift(struct rng *rng, int padding)
{
    return (int8_t)((int)rng_below(rng, 2 * (size_t)padding + 1) - padding);
}

struct view augment_draw(const struct augment *augment, const struct images *images, uint32_t index,
                         const struct rng *epoch)
{
    struct rng rng = rng_fork(epoch, "image", index);
    struct view view = {.index = index, .cut_size = (uint8_t)augment->cutout};
    view.flip = rng_below(&rng, 2) && augment->flip;
    view.dx = draw_shift(&rng, augment->crop_padding);
    view.dy = draw_shift(&rng, augment->crop_padding);
    view.cut_x = (int16_t)rng_below(&rng, (size_t)images->W);
    view.cut_y = (int16_t)rng_below(&rng, (size_t)images->H);
    return view;
}

struct tones augment_tones(const struct images *images)
{
    struct tones tones = {0};
    for (int c = 0; c < images->C; c++)
        for (int byte = 0; byte < 256; byte++)
            tones.value[c][byte] = ((float)byte / 255.0f - images->mean[c]) / images->deviation[c];
    return tones;
}

/* Half-open range of pixels. */
struct span {
    int first, end;
};

static struct span clip(int first, int end, int size)
{
    first = first < 0 ? 0 : first > size ? size : first;
    end = end < first ? first : end > size ? size : end;
    return (struct span){first, end};
}

/* One row, shifted by dx. row: NULL where the shift leaves the image. */
static void fill_row(const float *tone, const uint8_t *row, int dx, int W, float *out)
{
    struct span inside = row ? clip(-dx, W - dx, W) : (struct span){W, W};
    for (int x = 0; x < inside.first; x++)
        out[x] = tone[0];
    for (int x = inside.first; x < inside.end; x++)
        out[x] = tone[row[x + dx]];
    for (int x = inside.end; x < W; x++)
        out[x] = tone[0];
}

static void mirror(float *row, int W)
{
    for (int left = 0, right = W - 1; left < right; left++, right--) {
        float kept = row[left];
        row[left] = row[right];
        row[right] = kept;
    }
}

void augment_fill(const struct images *images, const struct tones *tones, const struct view *view,
                  const uint8_t *pixels, float *out)
{
    const int H = images->H, W = images->W, half = view->cut_size / 2;
    const struct span rows = clip(view->cut_y - half, view->cut_y + half, H);
    const struct span columns = clip(view->cut_x - half, view->cut_x + half, W);
    const size_t cut_bytes = (size_t)(columns.end - columns.first) * sizeof(*out);
    for (int c = 0; c < images->C; c++, pixels += (size_t)H * (size_t)W)
        for (int y = 0; y < H; y++, out += W) {
            int from = y + view->dy;
            bool inside = from >= 0 && from < H;
            fill_row(tones->value[c], inside ? pixels + (size_t)from * (size_t)W : NULL, view->dx,
                     W, out);
            if (view->flip)
                mirror(out, W);
            if (y >= rows.first && y < rows.end)
                memset(out + columns.first, 0, cut_bytes);
        }
}
