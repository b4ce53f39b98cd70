#include "runlog/ranks.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const double GROWTH = 1.02;

static size_t rank_after(size_t rank, size_t count)
{
    size_t grown = (size_t)((double)rank * GROWTH), next = grown > rank ? grown : rank + 1;
    return next < count || rank == count ? next : count;
}

void ranks_add(struct str *line, const double *scores, size_t count, int decimals)
{
    str_addf(line, "{\"count\":%zu,\"ranks\":[", count);
    for (size_t rank = 1; rank <= count; rank = rank_after(rank, count)) {
        str_add(line, rank > 1 ? "," : "");
        str_add_uint(line, rank);
    }
    str_add(line, "],\"scores\":[");
    for (size_t rank = 1; rank <= count; rank = rank_after(rank, count)) {
        str_add(line, rank > 1 ? "," : "");
        str_add_fixed(line, scores[rank - 1], decimals);
    }
    str_add(line, "]}");
}

static bool read_points(const struct field_place *place, const char *key, const json_t *ranks,
                        const json_t *scores, struct ranks *into, struct err *err)
{
    for (size_t i = 0; i < json_array_size(ranks); i++) {
        const json_t *rank = json_array_get(ranks, i), *score = json_array_get(scores, i);
        json_int_t last = i ? (json_int_t)into->rank[i - 1] : 0;
        if (!json_is_integer(rank) || json_integer_value(rank) <= last ||
            json_integer_value(rank) > (json_int_t)into->count)
            return field_refuse(place, key, rank, "whole ranks that rise up to its count", err);
        if (!field_is_number(score) || (i && json_number_value(score) > into->score[i - 1]))
            return field_refuse(place, key, score, "scores within 1e100 that never rise", err);
        into->rank[i] = (size_t)json_integer_value(rank);
        into->score[i] = json_number_value(score);
        into->point_count++;
    }
    return (into->point_count && into->rank[0] == 1 &&
            into->rank[into->point_count - 1] == into->count) ||
           field_refuse(place, key, ranks, "ranks from 1 to its count", err);
}

bool ranks_read(const struct field_place *place, const char *key, const json_t *value,
                struct ranks *ranks, struct err *err)
{
    static const struct field count = {"count", FIELD_COUNT, true, offsetof(struct ranks, count)};
    const json_t *list = json_object_get(value, "ranks"),
                 *scores = json_object_get(value, "scores");
    *ranks = (struct ranks){0};
    if (!value || json_is_null(value))
        return true;
    if (!json_is_object(value))
        return field_refuse(place, key, value, "an object", err);
    if (!field_read(place, &count, json_object_get(value, "count"), ranks, err))
        return false;
    if (!json_is_array(list) || json_array_size(list) != json_array_size(scores))
        return field_refuse(place, key, json_is_array(list) ? scores : list,
                            "lists of \"ranks\" and \"scores\" of one length", err);
    ranks->rank = mem_alloc(json_array_size(list) + 1, sizeof(*ranks->rank));
    ranks->score = mem_alloc(json_array_size(list) + 1, sizeof(*ranks->score));
    if (read_points(place, key, list, scores, ranks, err))
        return true;
    ranks_free(ranks);
    return false;
}

void ranks_free(struct ranks *ranks)
{
    free(ranks->rank);
    free(ranks->score);
    *ranks = (struct ranks){0};
}

/* y at x on the line through two points. */
static double between(double x, double x0, double y0, double x1, double y1)
{
    return x1 == x0 ? y1 : y0 + (x - x0) / (x1 - x0) * (y1 - y0);
}

double ranks_of(const struct ranks *ranks, double score, bool *exact)
{
    const double *scores = ranks->score;
    size_t i = 0;
    while (i + 1 < ranks->point_count && scores[i] > score)
        i++;
    double rank = (double)ranks->rank[i];
    bool known = i == 0 || score <= scores[i] || ranks->rank[i] == ranks->rank[i - 1] + 1;
    if (exact)
        *exact = known;
    return known ? rank
                 : between(score, scores[i - 1], (double)ranks->rank[i - 1], scores[i], rank);
}

double ranks_score(const struct ranks *ranks, double rank)
{
    size_t i = 0;
    while (i + 1 < ranks->point_count && (double)ranks->rank[i] < rank)
        i++;
    if (i == 0)
        return ranks->score[0];
    return between(rank, (double)ranks->rank[i - 1], ranks->score[i - 1], (double)ranks->rank[i],
                   ranks->score[i]);
}

bool ranks_same(const struct ranks *a, const struct ranks *b)
{
    return a->count == b->count && a->point_count == b->point_count &&
           memcmp(a->rank, b->rank, a->point_count * sizeof(*a->rank)) == 0 &&
           memcmp(a->score, b->score, a->point_count * sizeof(*a->score)) == 0;
}
