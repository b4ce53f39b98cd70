#include "report/reported.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"head", OPTION_TEXT, NULL, 0, 0, NULL, "what the column is called"},
    {"metric", OPTION_TEXT, NULL, 0, 0, NULL, "of its values, as the reference names it"},
    {"dataset", OPTION_TEXT, "\"\"", 0, 0, NULL, "likewise; empty: of none"},
    {"split", OPTION_TEXT, "\"\"", 0, 0, NULL, "likewise; empty: of none"},
    {"decimals", OPTION_INTEGER, "2", 0, 6, NULL, "of its values"},
    {.key = NULL},
};

static json_t *resolve(const json_t *settings, const char *path, struct faults *faults)
{
    const json_t *list = json_object_get(settings, "reported"), *entry;
    json_t *columns = json_array();
    size_t i;
    json_array_foreach(list, i, entry)
    {
        char *place = mem_printf("%s/reported/%zu", path, i);
        json_array_append_new(columns, option_resolve(options, entry, place, faults));
        free(place);
    }
    return columns;
}

void reported_check(const json_t *settings, const char *path, struct faults *faults)
{
    json_decref(resolve(settings, path, faults));
}

struct reported reported_add(struct sheet *sheet, const json_t *settings)
{
    struct faults none = {0};
    struct reported reported = {resolve(settings, "", &none), sheet->column_count};
    const json_t *entry;
    size_t i;
    json_array_foreach(reported.columns, i, entry)
    {
        sheet_column(sheet,
                     &(struct sheet_column){.head = option_text(entry, "head"),
                                            .decimals = (int)option_integer(entry, "decimals"),
                                            .deviation = true,
                                            .metric = option_text(entry, "metric"),
                                            .split = option_text(entry, "split")});
    }
    fault_free(&none);
    return reported;
}

void reported_free(struct reported *reported)
{
    json_decref(reported->columns);
    reported->columns = NULL;
}

void reported_place(const struct reported *reported, struct sheet_row *row,
                    const struct reference_value *value)
{
    const struct summary summary = {value->runs, value->mean, value->std, NAN};
    const struct sheet_origin origin = {value->dataset, value->searched_on, value->budget,
                                        value->source};
    const json_t *entry;
    size_t i;
    json_array_foreach(reported->columns, i, entry)
    {
        if (option_is(entry, "metric", value->metric) &&
            option_is(entry, "dataset", value->dataset) && option_is(entry, "split", value->split))
            sheet_measure(row, reported->first + i, &summary, &origin);
    }
}
