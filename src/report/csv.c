/* A sheet in long form: one line a measured value, the same columns for every table. */
#include "report/sheet.h"

#include "base/csv.h"

#include <math.h>

const char sheet_csv_head[] =
    "strategy,space,dataset,searched_on,budget,metric,split,mean,std,runs,source";

static void add_number(struct str *out, double value)
{
    if (!isnan(value))
        str_addf(out, "%.8g", value);
}

static void add_line(const struct sheet_row *row, const struct sheet_column *column,
                     const struct sheet_entry *entry, struct str *out)
{
    const char *const texts[] = {row->strategy, row->space,     entry->dataset, entry->searched_on,
                                 entry->budget, column->metric, column->split};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        csv_add(out, texts[i]);
        str_add_char(out, ',');
    }
    add_number(out, entry->mean);
    str_add_char(out, ',');
    add_number(out, entry->std);
    str_add_char(out, ',');
    if (entry->runs)
        str_add_uint(out, entry->runs);
    str_add_char(out, ',');
    csv_add(out, entry->source);
    str_add_char(out, '\n');
}

void sheet_csv(const struct sheet *sheet, struct str *out)
{
    str_addf(out, "%s\n", sheet_csv_head);
    for (size_t i = 0; i < sheet->row_count; i++)
        for (size_t j = 0; j < sheet->column_count; j++)
            if (sheet->columns[j].metric && sheet->rows[i].entries[j].filled)
                add_line(&sheet->rows[i], &sheet->columns[j], &sheet->rows[i].entries[j], out);
}
