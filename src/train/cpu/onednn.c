/* Dense convolutions by oneDNN. */
#include "train/cpu/convolution.h"

#include "base/mem.h"

#include <dnnl.h>
#include <string.h>

enum pass { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, PASSES };
enum { ARGUMENTS = 3 }; /* of each pass, beside the scratch */

struct primitive {
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    int names[ARGUMENTS];               /* DNNL_ARG_* */
    dnnl_memory_t (*memory)[ARGUMENTS]; /* of each thread; their data is set for each call */
    dnnl_memory_t *scratch;
};

/* The weights as forward() or backward_data() wants them. */
struct copy {
    dnnl_memory_desc_t layout;
    dnnl_primitive_t reorder; /* NULL: they are those that are trained */
    void *weights;
};

struct dense {
    struct convolution base;
    struct onednn *onednn;
    const struct kernels *kernels;
    struct primitive passes[PASSES];
    dnnl_memory_desc_t weights, plain; /* as they are trained; OIHW */
    struct copy copies[BACKWARD_WEIGHTS];
    dnnl_primitive_t set, get; /* reorders */
};

static struct dense *dense_of(struct convolution *convolution)
{
    return (struct dense *)convolution; /* its first member */
}

static bool failed(dnnl_status_t status)
{
    return status != dnnl_success;
}

bool onednn_open(struct onednn *onednn, int threads, struct err *err)
{
    dnnl_engine_t engine = NULL;
    *onednn =
        (struct onednn){.threads = threads, .streams = mem_alloc((size_t)threads, sizeof(void *))};
    bool ok = !failed(dnnl_engine_create(&engine, dnnl_cpu, 0));
    onednn->engine = engine;
    for (int i = 0; ok && i < threads; i++) {
        dnnl_stream_t stream = NULL;
        ok = !failed(dnnl_stream_create(&stream, engine, dnnl_stream_in_order));
        onednn->streams[i] = stream;
    }
    return ok || err_set(err, ERR_TOOL, "oneDNN gives no engine for this processor");
}

void onednn_close(struct onednn *onednn)
{
    for (int i = 0; onednn->streams && i < onednn->threads; i++)
        if (onednn->streams[i])
            dnnl_stream_destroy(onednn->streams[i]);
    if (onednn->engine)
        dnnl_engine_destroy(onednn->engine);
    free(onednn->streams);
    *onednn = (struct onednn){0};
}

bool onednn_ok(const struct onednn *onednn, struct err *err)
{
    return !onednn->failed || err_set(err, ERR_TOOL, "oneDNN refused to run a convolution");
}

/* ---- making primitives ---- */

struct geometry {
    dnnl_memory_desc_t from, to, weights;
    dnnl_dims_t strides, dilates, padding;
};

static bool describe(const struct plan_conv *conv, const struct kernels *kernels,
                     struct geometry *geometry, dnnl_memory_desc_t *plain)
{
    int lanes = kernels->lanes;
    dnnl_data_type_t type = kernels->precision == PRECISION_BF16 ? dnnl_bf16 : dnnl_f32;
    int in = conv->in_blocks * lanes, out = conv->out_blocks * lanes, k = conv->kernel;
    const dnnl_dims_t from = {1, in, conv->in_h, conv->in_w};
    const dnnl_dims_t to = {1, out, conv->out_h, conv->out_w}, weights = {out, in, k, k};
    dnnl_format_tag_t tag = lanes == 16 ? dnnl_nChw16c : dnnl_nChw8c;
    for (int i = 0; i < 2; i++) {
        geometry->strides[i] = conv->stride;
        geometry->dilates[i] = conv->dilation - 1;
        geometry->padding[i] = conv->padding;
    }
    return !failed(dnnl_memory_desc_init_by_tag(&geometry->from, 4, from, type, tag)) &&
           !failed(dnnl_memory_desc_init_by_tag(&geometry->to, 4, to, type, tag)) &&
           !failed(dnnl_memory_desc_init_by_tag(&geometry->weights, 4, weights, type,
                                                dnnl_format_tag_any)) &&
           !failed(dnnl_memory_desc_init_by_tag(plain, 4, weights, dnnl_f32, dnnl_oihw));
}

static dnnl_status_t pass_init(enum pass pass, const struct geometry *g,
                               dnnl_convolution_desc_t *description)
{
    if (pass == FORWARD)
        return dnnl_dilated_convolution_forward_desc_init(
            description, dnnl_forward_training, dnnl_convolution_direct, &g->from, &g->weights,
            NULL, &g->to, g->strides, g->dilates, g->padding, g->padding);
    if (pass == BACKWARD_DATA)
        return dnnl_dilated_convolution_backward_data_desc_init(
            description, dnnl_convolution_direct, &g->from, &g->weights, &g->to, g->strides,
            g->dilates, g->padding, g->padding);
    return dnnl_dilated_convolution_backward_weights_desc_init(
        description, dnnl_convolution_direct, &g->from, &g->weights, NULL, &g->to, g->strides,
        g->dilates, g->padding, g->padding);
}

/* Its reference is a thousand times slower than what is compiled for the shape, and no
 * implementation at all. */
static bool pass_create(const struct onednn *onednn, enum pass pass,
                        const struct geometry *geometry, dnnl_primitive_desc_t hint,
                        dnnl_primitive_desc_t *result)
{
    dnnl_convolution_desc_t description;
    dnnl_primitive_attr_t attributes = NULL;
    const char *name = "";
    bool ok =
        !failed(pass_init(pass, geometry, &description)) &&
        !failed(dnnl_primitive_attr_create(&attributes)) &&
        !failed(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)) &&
        !failed(
            dnnl_primitive_desc_create(result, &description, attributes, onednn->engine, hint)) &&
        !failed(dnnl_primitive_desc_query(*result, dnnl_query_impl_info_str, 0, &name));
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    return ok && !strstr(name, "ref");
}

static const dnnl_memory_desc_t *query(dnnl_primitive_desc_t description, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(description, what, 0);
}

static bool memory_create(const struct onednn *onednn, const dnnl_memory_desc_t *description,
                          const void *data, dnnl_memory_t *memory)
{
    return !failed(
        dnnl_memory_create(memory, description, onednn->engine, (void *)(uintptr_t)data));
}

/* The primitive of a pass, and for each thread what it is called with. */
static bool pass_finish(struct dense *dense, struct primitive *p, const int *names,
                        const dnnl_query_t *queries)
{
    size_t threads = (size_t)dense->onednn->threads;
    const dnnl_memory_desc_t *scratch = query(p->description, dnnl_query_scratchpad_md);
    size_t size = dense->base.size + dnnl_memory_desc_get_size(scratch) / sizeof(float) + 1;
    bool ok = !failed(dnnl_primitive_create(&p->primitive, p->description));
    p->memory = mem_alloc(threads, sizeof(*p->memory));
    p->scratch = mem_alloc(threads, sizeof(dnnl_memory_t));
    for (size_t thread = 0; ok && thread < threads; thread++) {
        for (int i = 0; ok && i < ARGUMENTS; i++)
            ok = memory_create(dense->onednn, query(p->description, queries[i]), DNNL_MEMORY_NONE,
                               &p->memory[thread][i]);
        ok = ok && memory_create(dense->onednn, scratch, DNNL_MEMORY_NONE, &p->scratch[thread]);
    }
    memcpy(p->names, names, sizeof(p->names));
    if (size > dense->base.scratch_size)
        dense->base.scratch_size = size;
    return ok;
}

static bool finish_all(struct dense *dense)
{
    static const int names[PASSES][ARGUMENTS] = {
        {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
        {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
        {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS}};
    static const dnnl_query_t queries[PASSES][ARGUMENTS] = {
        {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
        {dnnl_query_diff_dst_md, dnnl_query_weights_md, dnnl_query_diff_src_md},
        {dnnl_query_src_md, dnnl_query_diff_dst_md, dnnl_query_diff_weights_md}};
    bool ok = true;
    for (int pass = 0; ok && pass < PASSES; pass++)
        if (dense->passes[pass].description)
            ok = pass_finish(dense, &dense->passes[pass], names[pass], queries[pass]);
    return ok;
}

/* NULL where the layouts are not to be had from each other. */
static dnnl_primitive_t reorder_create(const struct onednn *onednn, const dnnl_memory_desc_t *from,
                                       const dnnl_memory_desc_t *to)
{
    dnnl_primitive_desc_t description = NULL;
    dnnl_primitive_t reorder = NULL;
    if (!failed(dnnl_reorder_primitive_desc_create(&description, from, onednn->engine, to,
                                                   onednn->engine, NULL)))
        (void)dnnl_primitive_create(&reorder, description);
    if (description)
        dnnl_primitive_desc_destroy(description);
    return reorder;
}

/* On one thread's stream. */
static void execute(struct onednn *onednn, size_t thread, dnnl_primitive_t primitive,
                    const dnnl_exec_arg_t *arguments, int count)
{
    if (failed(dnnl_primitive_execute(primitive, onednn->streams[thread], count, arguments)) ||
        failed(dnnl_stream_wait(onednn->streams[thread])))
        onednn->failed = true;
}

static void reorder_run(struct onednn *onednn, size_t thread, dnnl_primitive_t reorder,
                        const dnnl_memory_desc_t *from_desc, const float *from,
                        const dnnl_memory_desc_t *to_desc, void *to)
{
    dnnl_memory_t in = NULL, out = NULL;
    if (memory_create(onednn, from_desc, from, &in) && memory_create(onednn, to_desc, to, &out))
        execute(onednn, thread, reorder,
                (const dnnl_exec_arg_t[]){{DNNL_ARG_FROM, in}, {DNNL_ARG_TO, out}}, 2);
    else
        onednn->failed = true;
    dnnl_memory_destroy(in);
    dnnl_memory_destroy(out);
}

static bool reorders_create(struct dense *dense)
{
    const struct onednn *onednn = dense->onednn;
    bool ok = true;
    dense->set = reorder_create(onednn, &dense->plain, &dense->weights);
    dense->get = reorder_create(onednn, &dense->weights, &dense->plain);
    for (int pass = 0; pass < BACKWARD_WEIGHTS; pass++) {
        struct copy *copy = &dense->copies[pass];
        if (!dense->passes[pass].description)
            continue;
        copy->layout = *query(dense->passes[pass].description, dnnl_query_weights_md);
        if (dnnl_memory_desc_equal(&copy->layout, &dense->weights))
            continue;
        copy->reorder = reorder_create(onednn, &dense->weights, &copy->layout);
        copy->weights = mem_alloc_large(dnnl_memory_desc_get_size(&copy->layout), 1);
        dense->base.copy_bytes += dnnl_memory_desc_get_size(&copy->layout);
        ok = ok && copy->reorder;
    }
    return ok && dense->set && dense->get;
}

/* ---- weights ---- */

static void set(struct convolution *convolution, const float *plain, float *weights)
{
    const struct dense *dense = dense_of(convolution);
    reorder_run(dense->onednn, 0, dense->set, &dense->plain, plain, &dense->weights, weights);
}

static void get(struct convolution *convolution, const float *weights, float *plain)
{
    const struct dense *dense = dense_of(convolution);
    reorder_run(dense->onednn, 0, dense->get, &dense->weights, weights, &dense->plain, plain);
}

static void prepare(struct convolution *convolution, size_t thread, const float *weights,
                    bool training)
{
    const struct dense *dense = dense_of(convolution);
    for (int pass = 0; pass < (training ? BACKWARD_WEIGHTS : BACKWARD_DATA); pass++) {
        const struct copy *copy = &dense->copies[pass];
        if (copy->reorder)
            reorder_run(dense->onednn, thread, copy->reorder, &dense->weights, weights,
                        &copy->layout, copy->weights);
    }
}

/* ---- doing ---- */

static void run(const struct dense *dense, enum pass pass, size_t thread, float *scratch,
                const void *const data[ARGUMENTS])
{
    const struct primitive *p = &dense->passes[pass];
    dnnl_exec_arg_t arguments[ARGUMENTS + 1];
    for (int i = 0; i < ARGUMENTS; i++) {
        (void)dnnl_memory_set_data_handle(p->memory[thread][i], (void *)(uintptr_t)data[i]);
        arguments[i] = (dnnl_exec_arg_t){p->names[i], p->memory[thread][i]};
    }
    (void)dnnl_memory_set_data_handle(p->scratch[thread], scratch + dense->base.size);
    arguments[ARGUMENTS] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, p->scratch[thread]};
    execute(dense->onednn, thread, p->primitive, arguments, ARGUMENTS + 1);
}

static const void *weights_for(const struct dense *dense, enum pass pass, const float *trained)
{
    return dense->copies[pass].reorder ? dense->copies[pass].weights : trained;
}

static void forward(struct convolution *convolution, size_t thread, float *scratch,
                    const void *from, const float *weights, void *to)
{
    const struct dense *dense = dense_of(convolution);
    run(dense, FORWARD, thread, scratch,
        (const void *[]){from, weights_for(dense, FORWARD, weights), to});
}

static void backward_data(struct convolution *convolution, size_t thread, float *scratch,
                          const void *to_gradient, const float *weights, void *from_gradient)
{
    const struct dense *dense = dense_of(convolution);
    run(dense, BACKWARD_DATA, thread, scratch,
        (const void *[]){to_gradient, weights_for(dense, BACKWARD_DATA, weights), from_gradient});
}

static void backward_weights(struct convolution *convolution, size_t thread, float *scratch,
                             const void *from, const void *to_gradient, float *partial, bool first)
{
    const struct dense *dense = dense_of(convolution);
    float *here = first ? partial : scratch;
    run(dense, BACKWARD_WEIGHTS, thread, scratch, (const void *[]){from, to_gradient, here});
    if (!first)
        dense->kernels->add(partial, here, convolution->size);
}

static void primitive_close(struct primitive *p, int threads)
{
    for (int thread = 0; p->memory && thread < threads; thread++) {
        for (int i = 0; i < ARGUMENTS; i++)
            if (p->memory[thread][i])
                dnnl_memory_destroy(p->memory[thread][i]);
        if (p->scratch[thread])
            dnnl_memory_destroy(p->scratch[thread]);
    }
    free(p->memory);
    free(p->scratch);
    if (p->primitive)
        dnnl_primitive_destroy(p->primitive);
    if (p->description)
        dnnl_primitive_desc_destroy(p->description);
}

static void dense_close(struct convolution *convolution)
{
    struct dense *dense = dense_of(convolution);
    dnnl_primitive_t reorders[] = {dense->copies[FORWARD].reorder,
                                   dense->copies[BACKWARD_DATA].reorder, dense->set, dense->get};
    for (int pass = 0; pass < PASSES; pass++)
        primitive_close(&dense->passes[pass], dense->onednn->threads);
    for (size_t i = 0; i < sizeof(reorders) / sizeof(*reorders); i++)
        if (reorders[i])
            dnnl_primitive_destroy(reorders[i]);
    free(dense->copies[FORWARD].weights);
    free(dense->copies[BACKWARD_DATA].weights);
    free(dense);
}

static const struct convolution_type type = {.name = "oneDNN",
                                             .set = set,
                                             .get = get,
                                             .prepare = prepare,
                                             .forward = forward,
                                             .backward_data = backward_data,
                                             .backward_weights = backward_weights,
                                             .close = dense_close};

/* Weights are trained as floats, and lie as their gradient does, so that one pass updates all;
 * where tensors are floats, both lie as forward() wants them. */
static bool passes_create(struct dense *dense, const struct plan_conv *conv)
{
    const struct onednn *onednn = dense->onednn;
    struct primitive *passes = dense->passes;
    struct geometry geometry;
    bool ok = describe(conv, dense->kernels, &geometry, &dense->plain) &&
              pass_create(onednn, FORWARD, &geometry, NULL, &passes[FORWARD].description);
    if (ok && conv->input != 0)
        ok = pass_create(onednn, BACKWARD_DATA, &geometry, passes[FORWARD].description,
                         &passes[BACKWARD_DATA].description);
    if (!ok)
        return false;
    if (dense->kernels->precision == PRECISION_FP32)
        geometry.weights = *query(passes[FORWARD].description, dnnl_query_weights_md);
    else
        geometry.weights.data_type = dnnl_f32;
    if (!pass_create(onednn, BACKWARD_WEIGHTS, &geometry, passes[FORWARD].description,
                     &passes[BACKWARD_WEIGHTS].description))
        return false;
    dense->weights = *query(passes[BACKWARD_WEIGHTS].description, dnnl_query_diff_weights_md);
    dense->base.size = dnnl_memory_desc_get_size(&dense->weights) / sizeof(float);
    dense->base.partial_size = dense->base.size;
    return true;
}

struct convolution *onednn_convolution(struct onednn *onednn, const struct kernels *kernels,
                                       const struct plan_conv *conv)
{
    struct dense *dense = mem_alloc(1, sizeof(*dense));
    dense->base = (struct convolution){.type = &type, .shape = *conv, .lanes = kernels->lanes};
    dense->onednn = onednn;
    dense->kernels = kernels;
    if (passes_create(dense, conv) && finish_all(dense) && reorders_create(dense))
        return &dense->base;
    dense_close(&dense->base);
    return NULL;
}
