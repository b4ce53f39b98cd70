/* Batch norm: moments and products in parts, and what joins them. */
#include "base/mem.h"
#include "cases.h"

#include <math.h>
#include <stdlib.h>

/* All that a struct kernel_norm points to. */
enum {
    MEAN,
    INVERSE,
    RUNNING_MEAN,
    RUNNING_VARIANCE,
    SCALE, /* three of them, and three shifts */
    SHIFT = SCALE + 3,
    GAMMA = SHIFT + 3,
    BETA,
    GAMMA_GRADIENT,
    BETA_GRADIENT,
    FIELDS
};

struct norm {
    struct field fields[FIELDS];
    struct kernel_norm norm;
};

static void norm_open(struct norm *norm, struct rng *rng, int channels, bool with_gamma,
                      bool with_beta)
{
    for (struct field *field = norm->fields; field < norm->fields + FIELDS; field++) {
        *field = field_new(rng, VALUE_FLOAT, 1, channels);
        for (int c = 0; c < channels; c++)
            field->values[c] = 0.3 + fabs(field->values[c]);
        field_set(field, field->values);
    }
    norm->norm = (struct kernel_norm){
        .mean = field_data(&norm->fields[MEAN]),
        .inverse = field_data(&norm->fields[INVERSE]),
        .running_mean = field_data(&norm->fields[RUNNING_MEAN]),
        .running_variance = field_data(&norm->fields[RUNNING_VARIANCE]),
        .gamma = with_gamma ? field_data(&norm->fields[GAMMA]) : NULL,
        .beta = with_beta ? field_data(&norm->fields[BETA]) : NULL,
        .gamma_gradient = with_gamma ? field_data(&norm->fields[GAMMA_GRADIENT]) : NULL,
        .beta_gradient = with_beta ? field_data(&norm->fields[BETA_GRADIENT]) : NULL};
    for (int i = 0; i < 3; i++) {
        norm->norm.scale[i] = field_data(&norm->fields[SCALE + i]);
        norm->norm.shift[i] = field_data(&norm->fields[SHIFT + i]);
    }
}

static void norm_close(struct norm *norm)
{
    for (int i = 0; i < FIELDS; i++)
        field_free(&norm->fields[i]);
}

static double gamma_of(const struct norm *norm, int c)
{
    return norm->norm.gamma ? norm->fields[GAMMA].values[c] : 1;
}

static double beta_of(const struct norm *norm, int c)
{
    return norm->norm.beta ? norm->fields[BETA].values[c] : 0;
}

/* Mean of count rows of a channel, and the sum of squared differences from it. */
struct moments {
    double mean, squares;
};

static struct moments moments_of(const struct field *data, size_t first, size_t end, int channel)
{
    struct moments moments = {0};
    const double *values = data->values + channel;
    size_t channels = (size_t)data->channels;
    for (size_t row = first; row < end; row++)
        moments.mean += values[row * channels] / (double)(end - first);
    for (size_t row = first; row < end; row++)
        moments.squares += pow(values[row * channels] - moments.mean, 2);
    return moments;
}

/* Far from zero, where sums of squares would lose all digits. */
static struct field draw_far(struct rng *rng, enum value_type type, size_t rows, int channels)
{
    struct field data = field_new(rng, type, rows, channels);
    for (size_t i = 0; i < rows * (size_t)channels; i++)
        data.values[i] += 100 * (double)(i % 3);
    field_set(&data, data.values);
    return data;
}

/* Of the squares alone, beside which the means are large. */
static void check_squares(const struct field *partial, const double *expected, int parts,
                          int channels)
{
    double apart = 0, whole = 0;
    for (int i = 0; i < parts * channels; i++) {
        int at = (i / channels * 2 + 1) * channels + i % channels;
        apart += pow(field_value(partial, 0, at) - expected[at], 2);
        whole += pow(expected[at], 2);
    }
    ck_assert_double_le(sqrt(apart), 1e-5 * sqrt(whole));
}

static void check_moments(struct rng *rng, const struct field *data, int parts)
{
    int channels = data->channels;
    struct field partial = field_new(rng, VALUE_FLOAT, 1, parts * 2 * channels);
    struct kernel_moments moments = {.data = field_tensor(data),
                                     .rows = (int)data->rows,
                                     .blocks = channels / KERNEL_LANES,
                                     .parts = parts,
                                     .partial = field_data(&partial)};
    double *expected = field_like(&partial);
    for (int i = 0; i < parts * channels; i++) {
        int part = i / channels, c = i % channels;
        struct moments of_part = moments_of(data, part_begin(data->rows, parts, part),
                                            part_begin(data->rows, parts, part + 1), c);
        expected[part * 2 * channels + c] = of_part.mean;
        expected[(part * 2 + 1) * channels + c] = of_part.squares;
    }
    kernel_run(KERNEL_MOMENTS, data->type, &moments, (size_t)parts);
    field_check(&partial, expected, "moments");
    check_squares(&partial, expected, parts, channels);
    free(expected);
    field_free(&partial);
}

START_TEST(moments_keep_their_digits_far_from_zero)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const struct extent *extent = extent_of(_i);
    struct field data = draw_far(&rng, type_of(_i), rows_of(extent), extent->blocks * KERNEL_LANES);
    for (int cut = 0; cut < CUTS; cut++)
        check_moments(&rng, &data, parts_of(data.rows, cut));
    field_check_untouched(&data, "data");
    field_free(&data);
}
END_TEST

static void check_channels(const struct field *field, double (*of)(const struct norm *, int),
                           const struct norm *norm, const char *what)
{
    double *expected = field_like(field);
    for (int c = 0; c < field->channels; c++)
        expected[c] = of(norm, c);
    field_check(field, expected, what);
    free(expected);
}

static double forward_scale(const struct norm *norm, int c)
{
    return field_value(&norm->fields[INVERSE], 0, c) * gamma_of(norm, c);
}

static double forward_shift(const struct norm *norm, int c)
{
    return beta_of(norm, c) - field_value(&norm->fields[MEAN], 0, c) * forward_scale(norm, c);
}

/* Statistics of the whole batch from those of its parts. */
static void check_joined_moments(struct rng *rng, const struct field *data, int parts, bool affine)
{
    int channels = data->channels, rows = (int)data->rows;
    struct norm norm;
    norm_open(&norm, rng, channels, affine, affine);
    float *partial = mem_alloc((size_t)(parts * 2 * channels), sizeof(*partial));
    double *expected[4]; /* mean, inverse, running mean and variance */
    for (int i = 0; i < 4; i++)
        expected[i] = field_like(&norm.fields[MEAN]);
    for (int part = 0; part < parts; part++)
        for (int c = 0; c < channels; c++) {
            struct moments moments = moments_of(data, part_begin(data->rows, parts, part),
                                                part_begin(data->rows, parts, part + 1), c);
            partial[part * 2 * channels + c] = (float)moments.mean;
            partial[(part * 2 + 1) * channels + c] = (float)moments.squares;
        }
    for (int c = 0; c < channels; c++) {
        struct moments moments = moments_of(data, 0, data->rows, c);
        expected[0][c] = moments.mean;
        expected[1][c] = 1 / sqrt(moments.squares / rows + 1e-5);
        expected[2][c] = 0.9 * norm.fields[RUNNING_MEAN].values[c] + 0.1 * moments.mean;
        expected[3][c] = 0.9 * norm.fields[RUNNING_VARIANCE].values[c] +
                         0.1 * moments.squares / (rows > 1 ? rows - 1 : 1);
    }
    struct kernel_join_moments join = {partial, rows, channels / KERNEL_LANES, parts, norm.norm};
    kernel_run(KERNEL_JOIN_MOMENTS, data->type, &join, (size_t)(channels / KERNEL_LANES));
    for (int i = 0; i < 4; i++) {
        field_check(&norm.fields[MEAN + i], expected[i], "statistics");
        free(expected[i]);
    }
    check_channels(&norm.fields[SCALE], forward_scale, &norm, "scale");
    check_channels(&norm.fields[SHIFT], forward_shift, &norm, "shift");
    for (int i = SCALE + 1; i < FIELDS; i++)
        if (i != SHIFT)
            field_check_untouched(&norm.fields[i], "what is not of the forward pass");
    free(partial);
    norm_close(&norm);
}

START_TEST(joined_moments_are_those_of_the_batch)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const struct extent *extent = extent_of(_i);
    struct field data = draw_far(&rng, type_of(_i), rows_of(extent), extent->blocks * KERNEL_LANES);
    for (int cut = 0; cut < CUTS; cut++)
        check_joined_moments(&rng, &data, parts_of(data.rows, cut), cut != 1);
    field_free(&data);
}
END_TEST

static double running_scale(const struct norm *norm, int c)
{
    return gamma_of(norm, c) / sqrt(norm->fields[RUNNING_VARIANCE].values[c] + 1e-5);
}

static double running_shift(const struct norm *norm, int c)
{
    return beta_of(norm, c) - norm->fields[RUNNING_MEAN].values[c] * running_scale(norm, c);
}

START_TEST(evaluation_uses_running_statistics)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const struct extent *extent = extent_of(_i);
    struct norm norm;
    norm_open(&norm, &rng, extent->blocks * KERNEL_LANES, _i % 2, _i % 3);
    struct kernel_use_running use = {norm.norm, extent->blocks};
    kernel_run(KERNEL_USE_RUNNING, type_of(_i), &use, (size_t)extent->blocks * KERNEL_LANES);
    check_channels(&norm.fields[SCALE], running_scale, &norm, "scale");
    check_channels(&norm.fields[SHIFT], running_shift, &norm, "shift");
    for (int i = MEAN; i <= RUNNING_VARIANCE; i++)
        field_check_untouched(&norm.fields[i], "statistics");
    norm_close(&norm);
}
END_TEST

static void check_products(struct rng *rng, const struct extent *extent, enum value_type type,
                           int cut, bool with_factor)
{
    size_t rows = rows_of(extent), pixels = (size_t)(extent->H * extent->W);
    int channels = extent->blocks * KERNEL_LANES, parts = parts_of(rows, cut);
    struct field gradient = field_new(rng, type, rows, channels),
                 data = field_new(rng, type, rows, channels),
                 mean = field_new(rng, VALUE_FLOAT, 1, channels),
                 factor = field_new(rng, VALUE_FLOAT, 1, extent->count),
                 partial = field_new(rng, VALUE_FLOAT, 1, parts * 2 * channels);
    struct kernel_products products = {.gradient = field_tensor(&gradient),
                                       .data = field_tensor(&data),
                                       .mean = field_data(&mean),
                                       .factor = with_factor ? field_data(&factor) : NULL,
                                       .rows = (int)rows,
                                       .pixels = (int)pixels,
                                       .blocks = extent->blocks,
                                       .parts = parts,
                                       .partial = field_data(&partial)};
    double *expected = field_like(&partial);
    for (int part = 0; part < parts; part++)
        for (size_t row = part_begin(rows, parts, part); row < part_begin(rows, parts, part + 1);
             row++)
            for (int c = 0; c < channels; c++) {
                size_t at = row * (size_t)channels + (size_t)c;
                double g = gradient.values[at] * (with_factor ? factor.values[row / pixels] : 1);
                expected[part * 2 * channels + c] += g;
                expected[(part * 2 + 1) * channels + c] += g * (data.values[at] - mean.values[c]);
            }
    kernel_run(KERNEL_PRODUCTS, type, &products, (size_t)parts);
    field_check(&partial, expected, "products");
    field_check_untouched(&gradient, "gradient");
    field_check_untouched(&data, "data");
    free(expected);
    field_free(&gradient);
    field_free(&data);
    field_free(&mean);
    field_free(&factor);
    field_free(&partial);
}

START_TEST(products_are_those_of_each_part)
{
    struct rng rng = rng_seed((uint64_t)_i);
    for (int cut = 0; cut < CUTS; cut++) {
        check_products(&rng, extent_of(_i), type_of(_i), cut, false);
        check_products(&rng, extent_of(_i), type_of(_i), cut, true);
    }
}
END_TEST

enum { BACK_ROWS = 77 };

/* The sum over the parts: (2, channels). */
static double *sum_parts(const struct field *partial, int parts, int channels)
{
    double *sum = mem_alloc((size_t)(2 * channels), sizeof(*sum));
    for (int i = 0; i < parts * 2 * channels; i++)
        sum[i % (2 * channels)] += partial->values[i];
    return sum;
}

static void check_joined_products(struct rng *rng, int channels, int parts, bool with_gamma,
                                  bool with_beta)
{
    struct norm norm;
    norm_open(&norm, rng, channels, with_gamma, with_beta);
    struct field partial = field_new(rng, VALUE_FLOAT, 1, parts * 2 * channels);
    double *sum = sum_parts(&partial, parts, channels), *scale = field_like(&norm.fields[MEAN]),
           *zeros = field_like(&norm.fields[MEAN]), *slope = field_like(&norm.fields[MEAN]),
           *shift = field_like(&norm.fields[MEAN]), *of_gamma = field_like(&norm.fields[MEAN]);
    for (int c = 0; c < channels; c++) { /* dx = gamma * inverse * (g - mean(g) - x' mean(g x')) */
        double inverse = norm.fields[INVERSE].values[c], mean = norm.fields[MEAN].values[c];
        of_gamma[c] = sum[channels + c] * inverse; /* the sum of g x' */
        scale[c] = gamma_of(&norm, c) * inverse;
        slope[c] = -scale[c] * inverse * of_gamma[c] / BACK_ROWS;
        shift[c] = -scale[c] * (sum[c] - mean * inverse * of_gamma[c]) / BACK_ROWS;
    }
    struct kernel_join_products join = {field_data(&partial), BACK_ROWS, channels / KERNEL_LANES,
                                        parts, norm.norm};
    kernel_run(KERNEL_JOIN_PRODUCTS, VALUE_FLOAT, &join, (size_t)(channels / KERNEL_LANES));
    field_check(&norm.fields[SCALE + 1], scale, "scale of the gradient");
    field_check(&norm.fields[SHIFT + 1], zeros, "shift of the gradient");
    field_check(&norm.fields[SCALE + 2], slope, "scale of the input");
    field_check(&norm.fields[SHIFT + 2], shift, "shift of the input");
    field_check(&norm.fields[GAMMA_GRADIENT],
                with_gamma ? of_gamma : norm.fields[GAMMA_GRADIENT].values, "gamma");
    field_check(&norm.fields[BETA_GRADIENT], with_beta ? sum : norm.fields[BETA_GRADIENT].values,
                "beta");
    field_check_untouched(&norm.fields[SCALE], "scale of the forward pass");
    free(sum);
    free(scale);
    free(zeros);
    free(slope);
    free(shift);
    free(of_gamma);
    field_free(&partial);
    norm_close(&norm);
}

START_TEST(joined_products_are_the_backward_pass)
{
    struct rng rng = rng_seed((uint64_t)_i);
    for (int cut = 0; cut < CUTS; cut++)
        check_joined_products(&rng, extents[_i].blocks * KERNEL_LANES, parts_of(BACK_ROWS, cut),
                              cut < 2, cut != 1);
}
END_TEST

TCase *cases_of_norms(void)
{
    TCase *norms = tcase_create("norms");
    tcase_add_loop_test(norms, moments_keep_their_digits_far_from_zero, 0, CASES);
    tcase_add_loop_test(norms, joined_moments_are_those_of_the_batch, 0, CASES);
    tcase_add_loop_test(norms, evaluation_uses_running_statistics, 0, CASES);
    tcase_add_loop_test(norms, products_are_those_of_each_part, 0, CASES);
    tcase_add_loop_test(norms, joined_products_are_the_backward_pass, 0, EXTENTS);
    return norms;
}
