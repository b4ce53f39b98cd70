/* TransNAS-Bench-101's micro space (Duan et al. 2021): the cell of NAS-Bench-201 without pooling,
 * 4 096 of them, in one network that is trained for seven tasks on the Taskonomy photographs. */
#include "space/cell.h"

enum { OPERATIONS = 4 };

static const struct slot edges[CELL_EDGES] = CELL_SLOTS(OPERATIONS);

/* Classes, outputs and losses are those of upstream's configs/train_from_scratch. */
static const struct goal goals[] = {
    {"class_scene", "recognises which of 47 kinds of scene a photograph of an interior shows"},
    {"class_object", "recognises which of 75 kinds of object a photograph of an interior shows"},
    {"room_layout", "predicts the layout of a room, nine numbers, from a photograph of it, and is "
                    "scored by the negative of their mean squared error"},
    {"jigsaw", "tells in which of 1000 orders the nine tiles of a photograph were shuffled"},
    {"autoencoder", "reproduces a photograph of an interior from few features"},
    {"normal", "predicts the surface normal at every pixel of a photograph of an interior"},
    {"segmentsemantic",
     "labels every pixel of a photograph of an interior with one of 17 kinds of object"},
    {0},
};

static const char task[] = {
#include "space/tnb101-task.inc"
    0};

/* Base channels and down-sampling are the same in all; '#' is the operation of the next edge. */
static const char form[] = "64-41414-#_##_###";

static void encode(const struct arch *arch, struct str *out)
{
    size_t edge = 0;
    for (const char *c = form; *c; c++)
        str_add_char(out, *c == '#' ? (char)('0' + arch->choice[edge++]) : *c);
}

static bool decode(const char *text, struct arch *arch, struct err *err)
{
    size_t edge = 0, at = 0;
    *arch = (struct arch){0};
    for (; form[at]; at++) {
        bool digit = text[at] >= '0' && text[at] < '0' + OPERATIONS;
        if (form[at] == '#' ? !digit : text[at] != form[at])
            break;
        if (form[at] == '#')
            arch->choice[edge++] = (uint8_t)(text[at] - '0');
    }
    if (!form[at] && !text[at])
        return true;
    return err_set(
        err, ERR_INPUT,
        "%.*s: found \"%.*s\", expected six digits of 0 to %d, alone or in the places of "
        "%s",
        str_cut(text, CELL_WHOLE_SHOWN), text, str_cut(text + at, CELL_REST_SHOWN), text + at,
        OPERATIONS - 1, form);
}

const struct space space_tnb101 = {
    .name = "transnas-bench-101",
    .title = "TransNAS-Bench-101",
    .summary = "the cell of nas-bench-201 without pooling, for seven tasks: 4 096 architectures",
    .slots = edges,
    .slot_count = CELL_EDGES,
    .absent = "none",
    .task = task,
    .goals = goals,
    .encode = encode,
    .decode = decode,
    .edges = cell_edges,
};
