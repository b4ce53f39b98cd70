#include "field.h"

#include "base/mem.h"
#include "turns.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t width_of(enum value_type type)
{
    return type == VALUE_FLOAT ? sizeof(float) : sizeof(uint16_t);
}

/* bfloat16 by its definition: 8 bits of mantissa, the nearest value, of two the even one. */
static double rounded(double value)
{
    int exponent;
    if (value == 0 || !isfinite(value))
        return value;
    frexp(value, &exponent);
    double unit = ldexp(1, (exponent < -125 ? -125 : exponent) - 8);
    return nearbyint(value / unit) * unit;
}

static void put(const struct field *field, size_t place, double value)
{
    float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof(bits));
    uint16_t upper = (uint16_t)(bits >> 16);
    if (field->type == VALUE_FLOAT)
        memcpy(field->bytes + place * sizeof(single), &single, sizeof(single));
    else
        memcpy(field->bytes + place * sizeof(upper), &upper, sizeof(upper));
}

static double get(const struct field *field, size_t place)
{
    uint32_t bits = 0;
    float single;
    if (field->type == VALUE_FLOAT)
        memcpy(&bits, field->bytes + place * sizeof(bits), sizeof(bits));
    else
        memcpy((unsigned char *)&bits + 2, field->bytes + place * 2, 2);
    memcpy(&single, &bits, sizeof(single));
    return (double)single;
}

/* There is one row more before the first and one behind the last. */
static size_t place_of(const struct field *field, size_t row, int channel)
{
    return (row + 1) * (size_t)field->stride + (size_t)(field->first + channel);
}

struct field field_new(struct rng *rng, enum value_type type, size_t rows, int channels)
{
    struct field field = {.type = type,
                          .rows = rows,
                          .channels = channels,
                          .stride = (channels + 7) / 8 * 8 + 24,
                          .first = 16};
    size_t count = (rows + 2) * (size_t)field.stride;
    field.size = count * width_of(type);
    field.bytes = mem_alloc(field.size, 1);
    field.before = mem_alloc(field.size, 1);
    field.values = mem_alloc(rows * (size_t)channels, sizeof(*field.values));
    for (size_t i = 0; i < count; i++)
        put(&field, i, rounded(rng_normal(rng)));
    for (size_t i = 0; i < rows * (size_t)channels; i++)
        field.values[i] = rng_normal(rng);
    field_set(&field, field.values);
    return field;
}

void field_free(struct field *field)
{
    free(field->bytes);
    free(field->before);
    free(field->values);
}

void field_set(struct field *field, double *values)
{
    for (size_t row = 0; row < field->rows; row++)
        for (int c = 0; c < field->channels; c++) {
            double *value = &values[row * (size_t)field->channels + (size_t)c];
            *value = field->type == VALUE_FLOAT ? (double)(float)*value : rounded(*value);
            put(field, place_of(field, row, c), *value);
        }
    memmove(field->values, values, field->rows * (size_t)field->channels * sizeof(*values));
    memcpy(field->before, field->bytes, field->size);
}

void field_clear(struct field *field)
{
    double *zeros = field_like(field);
    field_set(field, zeros);
    free(zeros);
}

void *field_data(const struct field *field)
{
    return field->bytes + place_of(field, 0, 0) * width_of(field->type);
}

struct tensor field_tensor(const struct field *field)
{
    return (struct tensor){field_data(field), field->stride};
}

double field_value(const struct field *field, size_t row, int channel)
{
    return get(field, place_of(field, row, channel));
}

static void check_surroundings(const struct field *field, const char *what)
{
    size_t width = width_of(field->type), stride = (size_t)field->stride;
    for (size_t i = 0; i < field->size / width; i++) {
        size_t row = i / stride;
        int channel = (int)(i % stride) - field->first;
        bool inside = row > 0 && row <= field->rows && channel >= 0 && channel < field->channels;
        if (!inside && memcmp(field->bytes + i * width, field->before + i * width, width))
            ck_abort_msg("%s: written at row %d, channel %d, which are not its own", what,
                         (int)row - 1, channel);
    }
}

void field_check(const struct field *field, const double *expected, const char *what)
{
    double apart = 0, whole = 0, limit = field->type == VALUE_FLOAT ? 3e-6 : 4e-3;
    for (size_t row = 0; row < field->rows; row++)
        for (int c = 0; c < field->channels; c++) {
            double found = field_value(field, row, c), right = *expected++;
            if (isnan(found) != isnan(right))
                ck_abort_msg("%s: %g at row %zu, channel %d, not %g", what, found, row, c, right);
            apart += isnan(right) || found == right ? 0 : pow(found - right, 2);
            whole += isnan(right) || isinf(right) ? 0 : pow(right, 2);
        }
    double error = sqrt(apart) / fmax(sqrt(whole), 1e-12);
    ck_assert_msg(error < limit, "%s: off by %.2g of its norm", what, error);
    check_surroundings(field, what);
}

void field_check_untouched(const struct field *field, const char *what)
{
    ck_assert_msg(!memcmp(field->bytes, field->before, field->size), "%s: written", what);
}

double *field_like(const struct field *field)
{
    return mem_alloc(field->rows * (size_t)field->channels, sizeof(double));
}

static kernel_host_function *function_of(const struct kernel *kernel, enum value_type type)
{
    kernel_host_function *function;
    memcpy(&function, &kernel->functions[type], sizeof(function));
    return function;
}

/* Turns take thirty times as long as a loop. */
static bool takes_turns(unsigned block, unsigned blocks)
{
    return block % 64 == 0 || block == blocks - 1;
}

void kernel_run(enum kernel_kind kind, enum value_type type, const void *arguments, size_t items)
{
    const struct kernel *kernel = &kernels[kind];
    kernel_host_function *in_a_loop = function_of(kernel, type);
    kernel_host_function *in_turns = function_of(&kernels_in_turns[kind], type);
    unsigned threads = (unsigned)kernel->threads;
    unsigned blocks = (unsigned)(kernel->by_block ? items : (items + threads - 1) / threads);
    for (unsigned block = blocks; block-- > 0;)
        if (takes_turns(block, blocks))
            turns_run(in_turns, arguments, blocks, block, threads);
        else
            in_a_loop(arguments, blocks, block, threads);
}
