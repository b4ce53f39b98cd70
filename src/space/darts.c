/* Text form: upstream's, Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=range(2, 6),
 * reduce=[...], reduce_concat=range(2, 6)), two entries a node. Of a node they may stand in either
 * order, since it is a sum, but are one architecture and are written by source: in networks, the
 * parameters of the lower source come first, which is not so where upstream's genotype has them the
 * other way round. */
#include "space/darts.h"

#include "space/space.h"

#include <ctype.h>
#include <string.h>

enum { SHOWN = 40 }; /* bytes of what is found, in messages */
/* The first node of a cell has one slot less, since what it reads is given. */
enum { NODE_SLOTS = 3, CELL_SLOTS = 11 };

static const struct choice operations[DARTS_OPERATIONS] = {
    {"maxpool3x3", "max_pool_3x3", "keeps the strongest responses, nothing learned", -1},
    {"avgpool3x3", "avg_pool_3x3", "blurs, nothing learned", -1},
    {"skip", "skip_connect", "shortcut, helps the gradient, learns nothing", 0},
    {"sepconv3x3", "sep_conv_3x3", "learns spatial patterns, two layers", 1},
    {"sepconv5x5", "sep_conv_5x5", "learns wider patterns, two layers", 0},
    {"dilconv3x3", "dil_conv_3x3", "learns spaced patterns, one layer", 0},
    {"dilconv5x5", "dil_conv_5x5", "learns wide spaced patterns, one layer", 0},
};

/* All pairs of lower nodes; those of a node with n of them are the first n (n - 1) / 2. */
static const struct choice pairs[] = {
    {"0,1", "0,1", "", 0}, {"0,2", "0,2", "", 0}, {"1,2", "1,2", "", 0}, {"0,3", "0,3", "", 0},
    {"1,3", "1,3", "", 0}, {"2,3", "2,3", "", 0}, {"0,4", "0,4", "", 0}, {"1,4", "1,4", "", 0},
    {"2,4", "2,4", "", 0}, {"3,4", "3,4", "", 0},
};

#define OPERATION_SLOTS(node, number)                                                              \
    {node ".op1", number, operations, DARTS_OPERATIONS},                                           \
    {                                                                                              \
        node ".op2", number, operations, DARTS_OPERATIONS                                          \
    }
#define NODE_SLOTS_OF(node, number, count)                                                         \
    {node ".inputs", number, pairs, count}, OPERATION_SLOTS(node, number)
#define CELL_SLOTS_OF(cell, number)                                                                \
    OPERATION_SLOTS(cell "2", number), NODE_SLOTS_OF(cell "3", number + 1, 3),                     \
        NODE_SLOTS_OF(cell "4", number + 2, 6), NODE_SLOTS_OF(cell "5", number + 3, 10)

static const struct slot slots[2 * CELL_SLOTS] = {CELL_SLOTS_OF("normal", 0),
                                                  CELL_SLOTS_OF("reduce", DARTS_NODES)};

static const char task[] = {
#include "space/darts-task.inc"
    0};

/* The slot of a node's first operation. */
static int first_operation(bool reduction, int node)
{
    return (reduction ? CELL_SLOTS : 0) + node * NODE_SLOTS;
}

struct darts_cell darts_cell(const struct arch *arch, bool reduction)
{
    struct darts_cell cell;
    for (int node = 0; node < DARTS_NODES; node++) {
        const uint8_t *choice = &arch->choice[first_operation(reduction, node)];
        const char *pair = pairs[node ? choice[-1] : 0].name;
        for (int i = 0; i < DARTS_EDGES; i++)
            cell.edges[node][i] = (struct darts_edge){pair[2 * i] - '0', choice[i]};
    }
    return cell;
}

/* The normal cell beside the reduction cell; what is put together at their ends is all nodes. */
static size_t edges(const struct arch *arch, struct space_edge *edges)
{
    static const char *const names[2][DARTS_INPUTS + DARTS_NODES] = {
        {"n0", "n1", "n2", "n3", "n4", "n5"}, {"r0", "r1", "r2", "r3", "r4", "r5"}};
    size_t count = 0;
    for (int reduction = 0; reduction < 2; reduction++) {
        struct darts_cell cell = darts_cell(arch, reduction);
        for (int node = 0; node < DARTS_NODES; node++)
            for (int i = 0; i < DARTS_EDGES; i++)
                edges[count++] =
                    (struct space_edge){names[reduction][cell.edges[node][i].source],
                                        names[reduction][node + DARTS_INPUTS],
                                        (size_t)(first_operation(reduction, node) + i)};
    }
    return count;
}

/* -- the text form -- */

static void add_cell(struct str *out, const char *name, const struct darts_cell *cell)
{
    str_addf(out, "%s=[", name);
    for (int node = 0; node < DARTS_NODES; node++)
        for (int i = 0; i < DARTS_EDGES; i++)
            str_addf(out, "%s('%s', %d)", node + i ? ", " : "",
                     operations[cell->edges[node][i].operation].benchmark,
                     cell->edges[node][i].source);
    str_addf(out, "], %s_concat=range(2, 6)", name);
}

static void encode(const struct arch *arch, struct str *out)
{
    struct darts_cell normal = darts_cell(arch, false), reduction = darts_cell(arch, true);
    str_add(out, "Genotype(");
    add_cell(out, "normal", &normal);
    str_add(out, ", ");
    add_cell(out, "reduce", &reduction);
    str_add_char(out, ')');
}

/* Where a text is read, and what for: "normal node 3", for messages. */
struct scan {
    const char *at;
    const char *cell;
    int node;
};

static bool refuse(const struct scan *scan, struct err *err, const char *expected)
{
    return err_set(err, ERR_INPUT, "genotype, %s cell, node %d: found \"%.*s\", expected %s",
                   scan->cell, scan->node + DARTS_INPUTS, str_cut(scan->at, SHOWN), scan->at,
                   expected);
}

/* Moves past the token if it stands there, white space before it or not. */
static bool passes(struct scan *scan, const char *token)
{
    const char *at = scan->at + strspn(scan->at, " \t\r\n");
    size_t length = strlen(token);
    if (strncmp(at, token, length) != 0)
        return false;
    scan->at = at + length;
    return true;
}

/* Moves past all of the tokens, which blanks separate. */
static bool expect(struct scan *scan, const char *tokens, struct err *err)
{
    const struct scan begin = *scan;
    char token[24];
    for (const char *next = tokens; *next;) {
        size_t length = strcspn(next, " ");
        memcpy(token, next, length);
        token[length] = '\0';
        if (!passes(scan, token))
            return refuse(&begin, err, tokens);
        next += length + (next[length] == ' ');
    }
    return true;
}

static bool read_operation(struct scan *scan, enum darts_operation *operation, struct err *err)
{
    struct str known = {0};
    for (int i = 0; i < DARTS_OPERATIONS; i++) {
        const char *name = operations[i].benchmark;
        size_t length = strlen(name);
        if (strncmp(scan->at, name, length) == 0 && scan->at[length] == '\'') {
            *operation = (enum darts_operation)i;
            scan->at += length;
            str_free(&known);
            return true;
        }
        str_addf(&known, "%s%s", i ? ", " : "", name);
    }
    refuse(scan, err, known.text);
    str_free(&known);
    return false;
}

/* ('sep_conv_3x3', 0) */
static bool read_edge(struct scan *scan, struct darts_edge *edge, struct err *err)
{
    if (!expect(scan, "( '", err) || !read_operation(scan, &edge->operation, err) ||
        !expect(scan, "' ,", err))
        return false;
    scan->at += strspn(scan->at, " \t\r\n");
    int lower = scan->node + DARTS_INPUTS;
    if (*scan->at < '0' || *scan->at >= '0' + lower || isdigit((unsigned char)scan->at[1]))
        return refuse(scan, err, "the number of an input or of a node below it");
    edge->source = *scan->at++ - '0';
    return expect(scan, ")", err);
}

/* Puts the two edges of the node into its slots. */
static bool set_node(const struct scan *scan, const struct darts_edge edges[DARTS_EDGES],
                     uint8_t *choice, struct err *err)
{
    bool swapped = edges[0].source > edges[1].source;
    const struct darts_edge *low = &edges[swapped], *high = &edges[!swapped];
    if (low->source == high->source)
        return err_set(err, ERR_INPUT,
                       "genotype, %s cell, node %d: both operations are on %d, expected two "
                       "different ones: that is outside the space",
                       scan->cell, scan->node + DARTS_INPUTS, low->source);
    if (scan->node)
        choice[-1] = (uint8_t)(high->source * (high->source - 1) / 2 + low->source);
    choice[0] = (uint8_t)low->operation;
    choice[1] = (uint8_t)high->operation;
    return true;
}

static bool read_cell(struct scan *scan, bool reduction, struct arch *arch, struct err *err)
{
    if (!expect(scan, reduction ? ", reduce = [" : "normal = [", err))
        return false;
    for (scan->node = 0; scan->node < DARTS_NODES; scan->node++) {
        struct darts_edge edges[DARTS_EDGES];
        for (int i = 0; i < DARTS_EDGES; i++)
            if ((scan->node + i && !expect(scan, ",", err)) || !read_edge(scan, &edges[i], err))
                return false;
        if (!set_node(scan, edges, &arch->choice[first_operation(reduction, scan->node)], err))
            return false;
    }
    scan->node = DARTS_NODES - 1;
    if (!expect(scan, reduction ? "] , reduce_concat =" : "] , normal_concat =", err))
        return false;
    return expect(scan, passes(scan, "[") ? "2 , 3 , 4 , 5 ]" : "range ( 2 , 6 )", err);
}

static bool decode(const char *text, struct arch *arch, struct err *err)
{
    struct scan scan = {.at = text, .cell = "normal"};
    *arch = (struct arch){0};
    if (!passes(&scan, "Genotype") || !passes(&scan, "("))
        return err_set(err, ERR_INPUT,
                       "found \"%.*s\", expected %d digits, or Genotype(normal=[('sep_conv_3x3', "
                       "0), ...], normal_concat=range(2, 6), reduce=[...], "
                       "reduce_concat=range(2, 6))",
                       str_cut(text, SHOWN), text, 2 * CELL_SLOTS);
    if (!read_cell(&scan, false, arch, err))
        return false;
    scan.cell = "reduction";
    if (!read_cell(&scan, true, arch, err) || !expect(&scan, ")", err))
        return false;
    if (!scan.at[strspn(scan.at, " \t\r\n")])
        return true;
    return refuse(&scan, err, "the end");
}

const struct space space_darts = {
    .name = "darts",
    .title = "DARTS",
    .summary = "a normal and a reduction cell of 4 nodes with 7 operations: 1.08e18 architectures",
    .slots = slots,
    .slot_count = sizeof(slots) / sizeof(slots[0]),
    .task = task,
    .encode = encode,
    .decode = decode,
    .edges = edges,
};
