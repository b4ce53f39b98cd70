/* The stand-in of cuDNN: convolutions against their definition, and what is refused. */
#include "base/mem.h"
#include "fake.h"
#include "fake_cases.h"

#include <check.h>
#include <cudnn.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N = 2, C = 2, H = 4, W = 3, K = 3, R = 3, WORKSPACE = 4096 };

static const struct shape_case {
    int stride, pad, dilation, P, Q;
} shapes[] = {{1, 1, 1, 4, 3}, {2, 1, 1, 2, 2}, {1, 2, 2, 4, 3}, {1, 0, 1, 2, 1}};

static const cudnnDataType_t types[] = {CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16};

enum { SHAPES = sizeof(shapes) / sizeof(*shapes), MATH_CASES = 2 * SHAPES };

struct conv {
    const struct shape_case *shape;
    cudnnDataType_t type;
    cudnnHandle_t handle;
    cudnnTensorDescriptor_t x_desc, y_desc;
    cudnnFilterDescriptor_t w_desc;
    cudnnConvolutionDescriptor_t convolution;
    size_t x_size, w_size, y_size; /* values */
    void *x, *w, *y, *workspace;   /* on the device */
};

static void describe_x(const struct conv *c)
{
    ck_assert_int_eq(
        cudnnSetTensor4dDescriptorEx(c->x_desc, c->type, N, C, H, W, H * W * C, 1, W * C, C), 0);
}

static void conv_open(struct conv *c, const struct shape_case *s, cudnnDataType_t type)
{
    int P = s->P, Q = s->Q;
    *c = (struct conv){.shape = s, .type = type};
    c->x_size = N * H * W * C;
    c->w_size = K * R * R * C;
    c->y_size = (size_t)(N * P * Q * K);
    ck_assert_int_eq(cudnnCreate(&c->handle), 0);
    ck_assert_int_eq(cudnnSetStream(c->handle, stream), 0);
    ck_assert_int_eq(cudnnCreateTensorDescriptor(&c->x_desc), 0);
    ck_assert_int_eq(cudnnCreateTensorDescriptor(&c->y_desc), 0);
    ck_assert_int_eq(cudnnCreateFilterDescriptor(&c->w_desc), 0);
    ck_assert_int_eq(cudnnCreateConvolutionDescriptor(&c->convolution), 0);
    describe_x(c);
    ck_assert_int_eq(
        cudnnSetTensor4dDescriptorEx(c->y_desc, type, N, K, P, Q, P * Q * K, 1, Q * K, K), 0);
    ck_assert_int_eq(cudnnSetFilter4dDescriptor(c->w_desc, type, CUDNN_TENSOR_NHWC, K, C, R, R), 0);
    ck_assert_int_eq(cudnnSetConvolution2dDescriptor(c->convolution, s->pad, s->pad, s->stride,
                                                     s->stride, s->dilation, s->dilation,
                                                     CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT),
                     0);
    ck_assert_int_eq(cudaMalloc(&c->x, c->x_size * sizeof(float)), 0);
    ck_assert_int_eq(cudaMalloc(&c->w, c->w_size * sizeof(float)), 0);
    ck_assert_int_eq(cudaMalloc(&c->y, c->y_size * sizeof(float)), 0);
    ck_assert_int_eq(cudaMalloc(&c->workspace, WORKSPACE), 0);
}

static void conv_close(struct conv *c)
{
    ck_assert_int_eq(cudaFree(c->x), 0);
    ck_assert_int_eq(cudaFree(c->w), 0);
    ck_assert_int_eq(cudaFree(c->y), 0);
    ck_assert_int_eq(cudaFree(c->workspace), 0);
    ck_assert_int_eq(cudnnDestroyTensorDescriptor(c->x_desc), 0);
    ck_assert_int_eq(cudnnDestroyTensorDescriptor(c->y_desc), 0);
    ck_assert_int_eq(cudnnDestroyFilterDescriptor(c->w_desc), 0);
    ck_assert_int_eq(cudnnDestroyConvolutionDescriptor(c->convolution), 0);
    ck_assert_int_eq(cudnnDestroy(c->handle), 0);
    ck_assert_int_eq(cudnnDestroy(c->handle), CUDNN_STATUS_BAD_PARAM);
}

/* Whole numbers in [-2, 2]: all sums of products are exact in float and in bfloat16. */
static float *draw(size_t size, unsigned seed)
{
    float *values = mem_alloc(size, sizeof(*values));
    for (size_t i = 0; i < size; i++)
        values[i] = (float)((i * 7 + i / 5 * seed + seed) % 5) - 2;
    return values;
}

/* values as a convolution's type has them: bfloat16 is the upper half of a float. */
static void give(const struct conv *c, void *to, const float *values, size_t size)
{
    uint16_t halves[1000];
    bool whole = c->type == CUDNN_DATA_FLOAT;
    ck_assert_uint_le(size, 1000);
    for (size_t i = 0; i < size; i++)
        memcpy(&halves[i], (const char *)&values[i] + 2, 2);
    ck_assert_int_eq(cudaMemcpyAsync(to, whole ? (const void *)values : halves,
                                     size * (whole ? 4 : 2), cudaMemcpyHostToDevice, stream),
                     0);
}

static void check_values(const struct conv *c, const void *from, const float *expected, size_t size)
{
    float found[1000] = {0};
    uint16_t halves[1000];
    bool whole = c->type == CUDNN_DATA_FLOAT;
    ck_assert_int_eq(cudaMemcpyAsync(whole ? (void *)found : halves, from, size * (whole ? 4 : 2),
                                     cudaMemcpyDeviceToHost, stream),
                     0);
    for (size_t i = 0; i < size && !whole; i++)
        memcpy((char *)&found[i] + 2, &halves[i], 2);
    for (size_t i = 0; i < size; i++)
        ck_assert_msg(found[i] == expected[i], "value %zu: %g, expected %g", i, (double)found[i],
                      (double)expected[i]);
}

/* Calls visit(indices of the three) for each product that the sum of an output is made of. */
static void each_product(const struct conv *c, const float *a, const float *b, float *to,
                         void visit(const float *, const float *, float *, size_t, size_t, size_t))
{
    const struct shape_case *s = c->shape;
    for (int i = 0; i < N * K * s->P * s->Q * R * R * C; i++) {
        int ch = i % C, tap_w = i / C % R, tap_h = i / C / R % R, k = i / C / R / R % K;
        int q = i / C / R / R / K % s->Q, p = i / C / R / R / K / s->Q % s->P;
        int n = i / C / R / R / K / s->Q / s->P;
        int h = p * s->stride - s->pad + tap_h * s->dilation;
        int w = q * s->stride - s->pad + tap_w * s->dilation;
        if (h >= 0 && h < H && w >= 0 && w < W)
            visit(a, b, to, (size_t)(((n * H + h) * W + w) * C + ch),
                  (size_t)(((k * R + tap_h) * R + tap_w) * C + ch),
                  (size_t)(((n * s->P + p) * s->Q + q) * K + k));
    }
}

static void add_to_y(const float *x, const float *w, float *y, size_t at_x, size_t at_w,
                     size_t at_y)
{
    y[at_y] += x[at_x] * w[at_w];
}

static void add_to_x(const float *w, const float *y, float *x, size_t at_x, size_t at_w,
                     size_t at_y)
{
    x[at_x] += y[at_y] * w[at_w];
}

static void add_to_w(const float *x, const float *y, float *w, size_t at_x, size_t at_w,
                     size_t at_y)
{
    w[at_w] += x[at_x] * y[at_y];
}

static const float one = 1, zero = 0;

START_TEST(convolutions_are_what_their_definition_says)
{
    struct conv c;
    conv_open(&c, &shapes[_i % SHAPES], types[_i / SHAPES]);
    float *x = draw(c.x_size, 1), *w = draw(c.w_size, 2), *y = draw(c.y_size, 3);
    float *sums = mem_alloc(1000, sizeof(*sums));
    give(&c, c.x, x, c.x_size);
    give(&c, c.w, w, c.w_size);
    ck_assert_int_eq(cudnnConvolutionForward(c.handle, &one, c.x_desc, c.x, c.w_desc, c.w,
                                             c.convolution,
                                             CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
                                             c.workspace, WORKSPACE, &zero, c.y_desc, c.y),
                     0);
    each_product(&c, x, w, sums, add_to_y);
    check_values(&c, c.y, sums, c.y_size);

    give(&c, c.y, y, c.y_size);
    memset(sums, 0, c.w_size * sizeof(*sums));
    each_product(&c, x, y, sums, add_to_w);
    ck_assert_int_eq(cudnnConvolutionBackwardFilter(c.handle, &one, c.x_desc, c.x, c.y_desc, c.y,
                                                    c.convolution,
                                                    CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
                                                    c.workspace, WORKSPACE, &zero, c.w_desc, c.w),
                     0);
    check_values(&c, c.w, sums, c.w_size);

    /* Added to what is there. */
    give(&c, c.w, w, c.w_size);
    memcpy(sums, x, c.x_size * sizeof(*sums));
    each_product(&c, w, y, sums, add_to_x);
    ck_assert_int_eq(cudnnConvolutionBackwardData(c.handle, &one, c.w_desc, c.w, c.y_desc, c.y,
                                                  c.convolution, CUDNN_CONVOLUTION_BWD_DATA_ALGO_0,
                                                  NULL, 0, &one, c.x_desc, c.x),
                     0);
    check_values(&c, c.x, sums, c.x_size);
    ck_assert_uint_eq(fake_counts().nondeterministic, 1);
    free(x);
    free(w);
    free(y);
    free(sums);
    conv_close(&c);
}
END_TEST

/* One pixel, one output: x[0] * w[0] + x[1] * w[1]. */
static void one_product(const float x[2], cudnnMathType_t math, cudnnDataType_t type, float *found)
{
    static const struct shape_case point = {1, 0, 1, 1, 1};
    const float ones[2] = {1, 1};
    struct conv c;
    conv_open(&c, &point, type);
    cudnnSetTensor4dDescriptorEx(c.x_desc, type, 1, 2, 1, 1, 2, 1, 2, 2);
    cudnnSetTensor4dDescriptorEx(c.y_desc, type, 1, 1, 1, 1, 1, 1, 1, 1);
    cudnnSetFilter4dDescriptor(c.w_desc, type, CUDNN_TENSOR_NHWC, 1, 2, 1, 1);
    cudnnSetConvolutionMathType(c.convolution, math);
    give(&c, c.x, x, 2);
    give(&c, c.w, ones, 2);
    ck_assert_int_eq(cudnnConvolutionForward(
                         c.handle, &one, c.x_desc, c.x, c.w_desc, c.w, c.convolution,
                         CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, NULL, 0, &zero, c.y_desc, c.y),
                     0);
    check_values(&c, c.y, found, 1);
    conv_close(&c);
}

START_TEST(factors_are_tf32_unless_fma_is_asked_for)
{
    const float x[2] = {1 + 0x1p-12F, 4};
    float rounded = 5, whole = 5 + 0x1p-12F;
    one_product(x, CUDNN_DEFAULT_MATH, CUDNN_DATA_FLOAT, &rounded);
    one_product(x, CUDNN_FMA_MATH, CUDNN_DATA_FLOAT, &whole);
}
END_TEST

START_TEST(bfloat16_is_rounded_to_the_nearest_and_ties_to_even)
{
    const float tie[2] = {1, 0x1p-8F}, other_tie[2] = {1 + 0x1p-7F, 0x1p-8F};
    const float above[2] = {1, 0x1p-8F + 0x1p-12F};
    float low = 1, even = 1 + 0x1p-6F, high = 1 + 0x1p-7F;
    one_product(tie, CUDNN_DEFAULT_MATH, CUDNN_DATA_BFLOAT16, &low);
    one_product(other_tie, CUDNN_DEFAULT_MATH, CUDNN_DATA_BFLOAT16, &even);
    one_product(above, CUDNN_DEFAULT_MATH, CUDNN_DATA_BFLOAT16, &high);
}
END_TEST

START_TEST(algorithms_come_fastest_first_and_say_what_they_are)
{
    struct conv c;
    cudnnConvolutionBwdFilterAlgoPerf_t found[8];
    int returned;
    size_t size;
    conv_open(&c, &shapes[0], CUDNN_DATA_FLOAT);
    ck_assert_int_eq(cudnnGetConvolutionBackwardFilterAlgorithm_v7(c.handle, c.x_desc, c.y_desc,
                                                                   c.convolution, c.w_desc, 8,
                                                                   &returned, found),
                     0);
    ck_assert_int_eq(returned, 3);
    ck_assert_int_eq(found[0].determinism, CUDNN_NON_DETERMINISTIC);
    ck_assert_int_eq(found[1].determinism, CUDNN_DETERMINISTIC);
    ck_assert_int_eq(found[2].status, CUDNN_STATUS_NOT_SUPPORTED);
    ck_assert_int_eq(cudnnGetConvolutionBackwardFilterWorkspaceSize(c.handle, c.x_desc, c.y_desc,
                                                                    c.convolution, c.w_desc,
                                                                    found[1].algo, &size),
                     0);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_eq(found[1].memory, 0); /* nobody tried it */
    give(&c, c.x, (float[1000]){0}, c.x_size);
    give(&c, c.y, (float[1000]){0}, c.y_size);
    ck_assert_int_eq(cudnnFindConvolutionBackwardFilterAlgorithmEx(
                         c.handle, c.x_desc, c.x, c.y_desc, c.y, c.convolution, c.w_desc, c.w, 8,
                         &returned, found, c.workspace, size - 1),
                     0);
    ck_assert_int_eq(found[0].status, CUDNN_STATUS_SUCCESS);
    ck_assert_int_ne(found[1].status, CUDNN_STATUS_SUCCESS);
    ck_assert_uint_eq(found[1].memory, size);
    ck_assert_uint_eq(fake_counts().nondeterministic, 0);
    conv_close(&c);
}
END_TEST

static cudnnStatus_t forward(struct conv *c, void *x, void *y, size_t workspace)
{
    return cudnnConvolutionForward(c->handle, &one, c->x_desc, x, c->w_desc, c->w, c->convolution,
                                   CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, c->workspace,
                                   workspace, &zero, c->y_desc, y);
}

START_TEST(convolutions_that_do_not_fit_are_refused)
{
    struct conv c;
    cudaGraph_t graph;
    cudnnConvolutionFwdAlgoPerf_t found;
    int returned;
    conv_open(&c, &shapes[0], CUDNN_DATA_FLOAT);
    ck_assert_int_eq(forward(&c, c.x, c.y, 8), CUDNN_STATUS_BAD_PARAM);
    ck_assert_int_eq(forward(&c, NULL, c.y, WORKSPACE), CUDNN_STATUS_BAD_PARAM);
    ck_assert_int_eq(forward(&c, pinned, c.y, WORKSPACE), CUDNN_STATUS_EXECUTION_FAILED);
    ck_assert_int_eq(forward(&c, c.x, (float *)c.y + 1, WORKSPACE), CUDNN_STATUS_EXECUTION_FAILED);
    cudnnSetFilter4dDescriptor(c.w_desc, c.type, CUDNN_TENSOR_NHWC, K, C + 1, R, R);
    ck_assert_int_eq(forward(&c, c.x, c.y, WORKSPACE), CUDNN_STATUS_BAD_PARAM);
    cudnnSetFilter4dDescriptor(c.w_desc, CUDNN_DATA_BFLOAT16, CUDNN_TENSOR_NHWC, K, C, R, R);
    ck_assert_int_eq(forward(&c, c.x, c.y, WORKSPACE), CUDNN_STATUS_BAD_PARAM);
    cudnnSetFilter4dDescriptor(c.w_desc, c.type, CUDNN_TENSOR_NHWC, K, C, R, R);
    cudnnSetTensor4dDescriptorEx(c.x_desc, c.type, N, C, H, W, H * W * 2 * C, 1, W * 2 * C, 2 * C);
    ck_assert_int_eq(forward(&c, c.x, c.y, WORKSPACE), CUDNN_STATUS_NOT_SUPPORTED);
    describe_x(&c);
    ck_assert_int_eq(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), 0);
    ck_assert_int_eq(forward(&c, c.x, c.y, WORKSPACE), 0);
    ck_assert_int_eq(cudnnFindConvolutionForwardAlgorithmEx(
                         c.handle, c.x_desc, c.x, c.w_desc, c.w, c.convolution, c.y_desc, c.y, 1,
                         &returned, &found, c.workspace, WORKSPACE),
                     CUDNN_STATUS_EXECUTION_FAILED_CUDART);
    ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    conv_close(&c);
}
END_TEST

TCase *convolution_cases(void)
{
    TCase *convolutions = tcase_create("convolutions");
    tcase_add_checked_fixture(convolutions, setup, teardown);
    tcase_add_loop_test(convolutions, convolutions_are_what_their_definition_says, 0, MATH_CASES);
    tcase_add_test(convolutions, factors_are_tf32_unless_fma_is_asked_for);
    tcase_add_test(convolutions, bfloat16_is_rounded_to_the_nearest_and_ties_to_even);
    tcase_add_test(convolutions, algorithms_come_fastest_first_and_say_what_they_are);
    tcase_add_test(convolutions, convolutions_that_do_not_fit_are_refused);
    return convolutions;
}
