#include "train/checkpoint.h"

#include "base/file.h"
#include "base/mem.h"
#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char TITLE[] = "seki checkpoint 1";

enum { LINE_MOST = 256, DIGEST_SIZE = 64 }; /* bytes */

/* ---- identity ---- */

static void add_net(struct hash *hash, const struct net *net)
{
    struct str text = {0};
    for (size_t i = 0; i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        struct shape to = net->tensors[op->output];
        str_addf(&text, "op %d %d %d %d, %d %d %d, %d %d %d %d %d %d, %d %d, %d %d\n", op->kind,
                 op->input, op->relu, op->output, to.C, to.H, to.W, op->kernel, op->stride,
                 op->padding, op->dilation, op->groups, op->offset, op->first_term, op->term_count,
                 op->weight, op->bias);
    }
    for (size_t i = 0; i < net->term_count; i++)
        str_addf(&text, "term %d %d %d\n", net->terms[i].tensor, net->terms[i].norm,
                 net->terms[i].drop);
    for (size_t i = 0; i < net->norm_count; i++)
        str_addf(&text, "norm %d %d\n", net->norms[i].gamma, net->norms[i].beta);
    for (size_t i = 0; i < net->param_count; i++)
        str_addf(&text, "param %s\n", net->params[i].name);
    str_addf(&text, "logits %d %d\n", net->logits, net->auxiliary_logits);
    hash_add(hash, text.text, text.length);
    str_free(&text);
}

static void add_subset(struct hash *hash, const struct subset *subset)
{
    hash_add(hash, &subset->count, sizeof(subset->count));
    hash_add(hash, subset->indices, subset->count * sizeof(*subset->indices));
}

/* Settings may hold more than the recipe. */
static void add_recipe(struct hash *hash, const json_t *settings)
{
    json_t *recipe = json_object();
    for (const struct option *row = recipe_options; row->key; row++)
        json_object_set(recipe, row->key, json_object_get(settings, row->key));
    char *text = hash_canonical(recipe);
    hash_add(hash, text, strlen(text));
    free(text);
    json_decref(recipe);
}

static struct digest identity_of(const struct fit_job *job, const char *device)
{
    struct hash *hash = hash_begin();
    struct str text = {0};
    add_net(hash, job->net);
    add_recipe(hash, job->recipe);
    str_addf(&text, "images %s\nbackend %s %d %d\ndevice %s\n", job->dataset->identity.hex,
             job->backend->name, job->setting.precision, job->setting.deterministic, device);
    hash_add(hash, text.text, text.length);
    add_subset(hash, &job->split->train);
    add_subset(hash, &job->split->valid);
    add_subset(hash, &job->split->test);
    hash_add(hash, &job->rng, sizeof(job->rng));
    str_free(&text);
    return hash_end(hash);
}

/* ---- in memory ---- */

struct checkpoint checkpoint_new(const struct fit_job *job, const char *device, size_t epochs)
{
    return (struct checkpoint){
        .identity = identity_of(job, device),
        .curve = mem_alloc(epochs, sizeof(struct fit_epoch)),
        .state = net_state_new(job->net),
        .best = net_state_new(job->net),
    };
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    free(checkpoint->curve);
    net_state_free(&checkpoint->state);
    net_state_free(&checkpoint->best);
    *checkpoint = (struct checkpoint){0};
}

/* ---- the file ---- */

/* The parts of the file between its line and its digest, in order. */
struct part {
    void *bytes;
    size_t size;
};

enum { PARTS = 6 };

/* Returns the bytes of all of them. */
static size_t list_parts(const struct checkpoint *checkpoint, const struct net *net, size_t epochs,
                         struct part parts[PARTS])
{
    size_t params = net->param_size * sizeof(float), stats = net->stat_size * sizeof(float);
    const struct part all[PARTS] = {
        {checkpoint->curve, epochs * sizeof(*checkpoint->curve)},
        {checkpoint->state.params, params},
        {checkpoint->state.momentum, params},
        {checkpoint->state.stats, stats},
        {checkpoint->best.params, params},
        {checkpoint->best.stats, stats},
    };
    memcpy(parts, all, sizeof(all));
    return parts[0].size + 3 * params + 2 * stats;
}

static void add_line(struct str *out, const struct digest *identity, size_t epochs,
                     const struct net *net)
{
    str_addf(out, "%s, training %s, %zu epochs, %zu parameters, %zu statistics\n", TITLE,
             identity->hex, epochs, net->param_size, net->stat_size);
}

bool checkpoint_write(const struct checkpoint *checkpoint, const struct net *net, const char *path,
                      struct err *err)
{
    struct str out = {0};
    struct part parts[PARTS];
    list_parts(checkpoint, net, checkpoint->epochs, parts);
    add_line(&out, &checkpoint->identity, checkpoint->epochs, net);
    for (int i = 0; i < PARTS; i++)
        str_add_bytes(&out, parts[i].bytes, parts[i].size);
    struct digest digest = hash_bytes(out.text, out.length);
    str_add_bytes(&out, digest.hex, DIGEST_SIZE);
    bool ok = file_write(path, out.text, out.length, err);
    str_free(&out);
    return ok;
}

/* Whether text, size bytes, ends in the digest of what comes before. */
static bool is_whole(const char *text, size_t size)
{
    if (size < DIGEST_SIZE)
        return false;
    struct digest digest = hash_bytes(text, size - DIGEST_SIZE);
    return memcmp(digest.hex, text + size - DIGEST_SIZE, DIGEST_SIZE) == 0;
}

/* The number of epochs that the line says, at most room; else it must be this training's. */
static bool read_line(const struct checkpoint *checkpoint, const struct net *net, size_t room,
                      const char *path, const char *text, size_t *epochs, struct err *err)
{
    char identity[DIGEST_SIZE + 1];
    struct str expected = {0};
    if (sscanf(text, "seki checkpoint 1, training %64[0-9a-f], %zu epochs", identity, epochs) != 2)
        return err_set(err, ERR_INPUT, "%s: found \"%.*s\", expected \"%s, training ...\"", path,
                       str_cut(text, 40), text, TITLE);
    if (strcmp(identity, checkpoint->identity.hex) != 0)
        return err_set(err, ERR_INPUT,
                       "%s: a checkpoint of training %.16s..., expected one of %.16s...: "
                       "network, recipe, images, seed or device are others; remove it to "
                       "begin anew",
                       path, identity, checkpoint->identity.hex);
    add_line(&expected, &checkpoint->identity, *epochs, net);
    bool same = *epochs <= room && strncmp(text, expected.text, expected.length) == 0;
    str_free(&expected);
    return same || err_set(err, ERR_INPUT,
                           "%s: its first line does not tell of at most %zu epochs, %zu parameters "
                           "and %zu statistics, as expected of this training; remove it to begin "
                           "anew",
                           path, room, net->param_size, net->stat_size);
}

static bool is_share(double pct)
{
    return pct >= 0 && pct <= 100;
}

/* Whether the curve (bytes, of so many epochs) is one that fit.c can have drawn. */
static bool is_curve(const char *bytes, size_t epochs)
{
    struct fit_epoch epoch;
    for (size_t i = 0; i < epochs; i++, bytes += sizeof(epoch)) {
        memcpy(&epoch, bytes, sizeof(epoch));
        if (!isfinite(epoch.learning_rate) || !isfinite(epoch.train_loss) ||
            !is_share(epoch.train_pct) || !(is_share(epoch.valid_pct) || isnan(epoch.valid_pct)) ||
            !(epoch.train_s >= 0 && isfinite(epoch.train_s)) ||
            !(epoch.evaluate_s >= 0 && isfinite(epoch.evaluate_s)))
            return false;
    }
    return true;
}

static bool take(struct checkpoint *checkpoint, const struct net *net, size_t room,
                 const char *path, const char *text, size_t size, struct err *err)
{
    size_t epochs;
    struct part parts[PARTS];
    if (!is_whole(text, size))
        return err_set(err, ERR_INPUT,
                       "%s: no checkpoint, or a damaged one: it does not end in the SHA-256 of "
                       "what is in it; remove it to begin anew",
                       path);
    if (!read_line(checkpoint, net, room, path, text, &epochs, err))
        return false;
    const char *at = strchr(text, '\n') + 1;
    size_t expected = list_parts(checkpoint, net, epochs, parts) + DIGEST_SIZE;
    if (size - (size_t)(at - text) != expected)
        return err_set(err, ERR_INPUT, "%s: found %zu bytes after its first line, expected %zu",
                       path, size - (size_t)(at - text), expected);
    if (!is_curve(at, epochs))
        return err_set(err, ERR_INPUT,
                       "%s: its learning curve has what is no loss, accuracy or time; remove it to "
                       "begin anew",
                       path);
    for (int i = 0; i < PARTS; at += parts[i++].size)
        memcpy(parts[i].bytes, at, parts[i].size);
    checkpoint->epochs = epochs;
    return true;
}

bool checkpoint_read(struct checkpoint *checkpoint, const struct net *net, size_t epochs,
                     const char *path, struct err *err)
{
    struct part parts[PARTS];
    size_t size, most = LINE_MOST + list_parts(checkpoint, net, epochs, parts) + DIGEST_SIZE;
    char *text = file_read(path, most > FILE_CEILING ? most : FILE_CEILING, &size, err);
    bool ok = text && take(checkpoint, net, epochs, path, text, size, err);
    free(text);
    return ok;
}
