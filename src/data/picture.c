#include "data/picture.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

enum { FILE_MOST = 1 << 26, PIXELS_MOST = 1 << 27 };

/* ---- decoding ---- */

/* What libjpeg is given to report to: it jumps back instead of ending the program. */
struct reporter {
    struct jpeg_error_mgr base;
    jmp_buf back;
    char text[JMSG_LENGTH_MAX];
};

static void give_up(j_common_ptr info)
{
    struct reporter *reporter = (struct reporter *)info->err;
    info->err->format_message(info, reporter->text);
    longjmp(reporter->back, 1);
}

static void hear_warning(j_common_ptr info, int level)
{
    if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF)
        give_up(info);
}

/* Pixels of inks, cyan, magenta, yellow and black, which Adobe stores inverted. */
static void mix_inks(const uint8_t *inks, int width, bool inverted, uint8_t *out)
{
    for (int x = 0; x < width; x++)
        for (int c = 0; c < 3; c++) {
            int ink = inks[4 * x + c], black = inks[4 * x + 3];
            int product = inverted ? ink * black : (255 - ink) * (255 - black);
            out[3 * x + c] = (uint8_t)((product + 127) / 255);
        }
}

static void refuse_large(struct jpeg_decompress_struct *info)
{
    struct reporter *reporter = (struct reporter *)info->err;
    if ((size_t)info->image_width * info->image_height <= PIXELS_MOST)
        return;
    snprintf(reporter->text, sizeof(reporter->text), "%u x %u pixels are too many",
             info->image_width, info->image_height);
    longjmp(reporter->back, 1);
}

/* May jump back, and leaves what it has allocated in *picture and to info. */
static void decode(struct jpeg_decompress_struct *info, const uint8_t *bytes, size_t size,
                   struct picture *picture)
{
    jpeg_mem_src(info, bytes, size);
    jpeg_read_header(info, TRUE);
    bool inks = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
    info->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    info->dct_method = JDCT_ISLOW;
    refuse_large(info);
    jpeg_start_decompress(info);
    picture->width = (int)info->output_width;
    picture->height = (int)info->output_height;
    size_t stride = 3 * (size_t)info->output_width;
    picture->pixels = mem_alloc(info->output_height, stride);
    JSAMPARRAY line =
        info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, 4 * info->output_width, 1);
    while (info->output_scanline < info->output_height) {
        uint8_t *row = picture->pixels + info->output_scanline * stride;
        jpeg_read_scanlines(info, inks ? line : &row, 1);
        if (inks)
            mix_inks(line[0], picture->width, info->saw_Adobe_marker, row);
    }
    jpeg_finish_decompress(info);
}

/* False and what libjpeg says, in reporter. */
static bool try_decode(struct reporter *reporter, const uint8_t *bytes, size_t size,
                       struct picture *picture)
{
    struct jpeg_decompress_struct info = {.err = jpeg_std_error(&reporter->base)};
    reporter->base.error_exit = give_up;
    reporter->base.emit_message = hear_warning;
    if (setjmp(reporter->back) != 0) {
        jpeg_destroy_decompress(&info);
        return false;
    }
    jpeg_create_decompress(&info);
    decode(&info, bytes, size, picture);
    jpeg_destroy_decompress(&info);
    return true;
}

bool picture_read(const char *path, struct picture *picture, struct err *err)
{
    struct reporter reporter = {0};
    size_t size = 0;
    *picture = (struct picture){0};
    char *bytes = file_read(path, FILE_MOST, &size, err);
    if (!bytes)
        return false;
    bool ok = try_decode(&reporter, (const uint8_t *)bytes, size, picture);
    free(bytes);
    if (ok)
        return true;
    picture_free(picture);
    return err_set(err, ERR_INPUT, "%s: %s, expected a whole JPEG picture", path, reporter.text);
}

void picture_free(struct picture *picture)
{
    free(picture->pixels);
    *picture = (struct picture){0};
}

/* ---- scaling ---- */

enum { WEIGHT_BITS = 22 }; /* after the point */

/* What each pixel of one line is made of: (count) runs of input pixels with their weights. */
struct taps {
    int count, room; /* output pixels; weights kept for each */
    int *first, *length;
    int32_t *weights; /* (count, room) */
};

/* A triangle of height 1 at 0. */
static double triangle(double x)
{
    return fmax(0, 1 - fabs(x));
}

static void weigh(double centre, double reach, int in, int *first, int *length, int32_t *weights)
{
    int from = (int)(centre - reach + 0.5), to = (int)(centre + reach + 0.5);
    from = from < 0 ? 0 : from;
    to = to > in ? in : to;
    double sum = 0, narrow = 1 / reach;
    for (int i = from; i < to; i++)
        sum += triangle((i - centre + 0.5) * narrow);
    for (int i = from; i < to; i++) {
        double weight = triangle((i - centre + 0.5) * narrow) / sum;
        weights[i - from] = (int32_t)(0.5 + weight * (1 << WEIGHT_BITS));
    }
    *first = from;
    *length = to - from;
}

/* in pixels become out, of which count from skip on are wanted. */
static struct taps make_taps(int in, int out, int skip, int count)
{
    double scale = (double)in / out, reach = fmax(1, scale);
    struct taps taps = {.count = count, .room = 2 * (int)ceil(reach) + 1};
    taps.first = mem_alloc((size_t)count, sizeof(*taps.first));
    taps.length = mem_alloc((size_t)count, sizeof(*taps.length));
    taps.weights = mem_alloc((size_t)count * (size_t)taps.room, sizeof(*taps.weights));
    for (int i = 0; i < count; i++)
        weigh((skip + i + 0.5) * scale, reach, in, &taps.first[i], &taps.length[i],
              taps.weights + (size_t)i * (size_t)taps.room);
    return taps;
}

static void free_taps(struct taps *taps)
{
    free(taps->first);
    free(taps->length);
    free(taps->weights);
}

static uint8_t round_sum(int32_t sum)
{
    int32_t value = (sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS;
    return (uint8_t)(value > 255 ? 255 : value);
}

/* (width, 3) to (taps->count, 3). */
static void scale_row(const struct taps *taps, const uint8_t *row, uint8_t *out)
{
    for (int x = 0; x < taps->count; x++, out += 3) {
        const int32_t *weights = taps->weights + (size_t)x * (size_t)taps->room;
        const uint8_t *pixel = row + 3 * (size_t)taps->first[x];
        int32_t sums[3] = {0};
        for (int i = 0; i < taps->length[x]; i++, pixel += 3)
            for (int c = 0; c < 3; c++)
                sums[c] += weights[i] * pixel[c];
        for (int c = 0; c < 3; c++)
            out[c] = round_sum(sums[c]);
    }
}

/* Rows (height, side, 3), the first of which is row from of the box, to (3, side, side). */
static void scale_columns(const struct taps *taps, const uint8_t *rows, int from, int side,
                          uint8_t *out)
{
    size_t stride = 3 * (size_t)side, plane = (size_t)side * (size_t)side;
    for (int y = 0; y < taps->count; y++)
        for (int x = 0; x < side; x++)
            for (int c = 0; c < 3; c++) {
                const int32_t *weights = taps->weights + (size_t)y * (size_t)taps->room;
                const uint8_t *pixel =
                    rows + (size_t)(taps->first[y] - from) * stride + 3 * (size_t)x + c;
                int32_t sum = 0;
                for (int i = 0; i < taps->length[y]; i++, pixel += stride)
                    sum += weights[i] * *pixel;
                out[(size_t)c * plane + (size_t)y * (size_t)side + (size_t)x] = round_sum(sum);
            }
}

void picture_scale(const struct picture *picture, const struct cut *cut, uint8_t *out)
{
    struct taps across = make_taps(cut->box_width, cut->width, cut->left, cut->side);
    struct taps down = make_taps(cut->box_height, cut->height, cut->top, cut->side);
    int last = cut->side - 1, from = down.first[0], to = down.first[last] + down.length[last];
    size_t stride = 3 * (size_t)cut->side;
    uint8_t *rows = mem_alloc((size_t)(to - from), stride);
    for (int y = from; y < to; y++) {
        size_t at = (size_t)(cut->y + y) * (size_t)picture->width + (size_t)cut->x;
        scale_row(&across, picture->pixels + 3 * at, rows + (size_t)(y - from) * stride);
    }
    scale_columns(&down, rows, from, cut->side, out);
    free(rows);
    free_taps(&across);
    free_taps(&down);
}
