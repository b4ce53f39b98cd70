/* NAS-Bench-201 (Dong and Yang 2020): 4 nodes, 6 edges, 5 operations, 15 625 cells. */
#include "space/cell.h"

#include <string.h>

enum { NAME_SHOWN = 40 }; /* bytes of a bad operation, in messages */

static const struct slot edges[CELL_EDGES] = CELL_SLOTS(CELL_OPERATIONS);

/* The node that each edge leaves. */
static const int source[CELL_EDGES] = {0, 0, 1, 0, 1, 2};

static const char task[] = {
#include "space/nb201-task.inc"
    0};

/* |op~0|+|op~0|op~1|+|op~0|op~1|op~2| */
static void encode(const struct arch *arch, struct str *out)
{
    for (int edge = 0; edge < CELL_EDGES; edge++) {
        if (source[edge] == 0)
            str_add(out, edge ? "+|" : "|");
        str_addf(out, "%s~%d|", cell_operations[arch->choice[edge]].benchmark, source[edge]);
    }
}

/* Reads "name~source|" at *text and moves past it. */
static bool decode_edge(const char *whole, const char **text, int edge, uint8_t *choice,
                        struct err *err)
{
    size_t length = strcspn(*text, "~|+");
    for (uint8_t op = 0; op < CELL_OPERATIONS; op++) {
        const char *name = cell_operations[op].benchmark;
        if (strlen(name) != length || strncmp(name, *text, length) != 0)
            continue;
        char rest[4] = {'~', (char)('0' + source[edge]), '|', '\0'};
        if (strncmp(*text + length, rest, 3) != 0)
            return err_set(err, ERR_INPUT, "%.*s: found \"%.*s\" after \"%s\", expected \"%s\"",
                           str_cut(whole, CELL_WHOLE_SHOWN), whole, str_cut(*text + length, 3),
                           *text + length, name, rest);
        *text += length + 3;
        *choice = op;
        return true;
    }
    return err_set(err, ERR_INPUT,
                   "%.*s: edge %s: found \"%.*s\", expected none, skip_connect, nor_conv_1x1, "
                   "nor_conv_3x3 or avg_pool_3x3",
                   str_cut(whole, CELL_WHOLE_SHOWN), whole, edges[edge].name,
                   str_cut(*text, length < NAME_SHOWN ? (int)length : NAME_SHOWN), *text);
}

static bool decode(const char *text, struct arch *arch, struct err *err)
{
    const char *at = text;
    *arch = (struct arch){0};
    for (int edge = 0; edge < CELL_EDGES; edge++) {
        const char *begin = source[edge] ? "" : edge ? "+|" : "|";
        if (strncmp(at, begin, strlen(begin)) != 0)
            return err_set(err, ERR_INPUT,
                           "%.*s: found \"%.*s\", expected six digits of 0 to 4, or "
                           "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|",
                           str_cut(text, CELL_WHOLE_SHOWN), text, str_cut(at, CELL_REST_SHOWN), at);
        at += strlen(begin);
        if (!decode_edge(text, &at, edge, &arch->choice[edge], err))
            return false;
    }
    if (*at)
        return err_set(err, ERR_INPUT, "%.*s: found \"%.*s\" after the last edge",
                       str_cut(text, CELL_WHOLE_SHOWN), text, str_cut(at, CELL_REST_SHOWN), at);
    return true;
}

const struct space space_nb201 = {
    .name = "nas-bench-201",
    .title = "NAS-Bench-201",
    .summary = "a cell of 4 nodes and 6 edges with 5 operations: 15 625 architectures",
    .slots = edges,
    .slot_count = CELL_EDGES,
    .absent = "none",
    .task = task,
    .encode = encode,
    .decode = decode,
    .edges = cell_edges,
};
