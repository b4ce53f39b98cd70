#include "cli/query.h"

#include <math.h>
#include <string.h>

static json_t *number(const struct column *column, double value)
{
    if (isnan(value))
        return json_null();
    bool plain = !column->unit[0] && !column->epochs; /* a number like upstream's index */
    bool whole = plain || strcmp(column->unit, "count") == 0;
    return whole ? json_integer((json_int_t)value) : json_real(value);
}

/* The object at key, made when it is not there yet. */
static json_t *member(json_t *object, const char *key)
{
    if (!json_object_get(object, key))
        json_object_set_new(object, key, json_object());
    return json_object_get(object, key);
}

/* What a training came to: datasets/<data set>/<epochs>/, and there <split>_pct for accuracy, else
 * <split>_<metric> with its unit, valid_ssim, training_time_s. */
static json_t *find_training(json_t *root, const struct column *column, struct str *key)
{
    bool accuracy = strcmp(column->metric, "accuracy") == 0;
    const char *unit = strcmp(column->unit, "percent") == 0 ? "pct" : column->unit;
    json_t *dataset = member(member(root, "datasets"), column->dataset);
    str_addf(key, "%d", column->epochs);
    json_t *home = member(dataset, key->text);
    str_clear(key);
    str_addf(key, "%s%s", column->split, column->split[0] ? "_" : "");
    if (!accuracy)
        str_addf(key, "%s%s", column->metric, unit[0] ? "_" : "");
    str_add(key, unit);
    return home;
}

/* The object that column belongs into, and its key there. */
static json_t *find_home(json_t *root, const struct column *column, struct str *key)
{
    const char *metric = column->metric;
    bool params = strcmp(metric, "parameters") == 0, flops = strcmp(metric, "flops") == 0;
    if (column->epochs)
        return find_training(root, column, key);
    if (params || flops) {
        str_add(key, column->dataset);
        return member(root, params ? "params" : "flops_m");
    }
    if (!column->dataset[0] && !column->device[0]) {
        str_add(key, metric);
        return root;
    }
    str_addf(key, "%s_%s", strcmp(metric, "epoch_time") == 0 ? "epoch" : metric, column->unit);
    if (!column->device[0])
        return member(member(root, "datasets"), column->dataset);
    json_t *home = member(root, key->text);
    str_clear(key);
    str_add(key, column->device);
    if (column->dataset[0]) {
        home = member(home, key->text);
        str_clear(key);
        str_add(key, column->dataset);
    }
    return home;
}

/* Adds one training seed's value to the list at key. Where the table has no measured mean, the
 * mean of the list is put beside it. */
static void add_seed(json_t *home, struct str *key, const struct table *table,
                     const struct column *column, double value)
{
    if (!json_object_get(home, key->text))
        json_object_set_new(home, key->text, json_array());
    json_t *list = json_object_get(home, key->text);
    if (!isnan(value))
        json_array_append_new(list, number(column, value));
    if (table_column(table, column->metric, column->dataset, column->epochs, column->split,
                     TABLE_SEED_MEAN))
        return;
    double sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        sum += json_number_value(json_array_get(list, i));
    str_add(key, "_mean");
    json_object_set_new(home, key->text, number(column, sum / (double)json_array_size(list)));
}

static void add_column(json_t *root, const struct table *table, const struct column *column,
                       double value)
{
    struct str key = {0};
    json_t *home = find_home(root, column, &key);
    if (column->training_seed != TABLE_SEED_MEAN) {
        add_seed(home, &key, table, column, value);
    } else {
        if (column->epochs)
            str_add(&key, "_mean");
        json_object_set_new(home, key.text, number(column, value));
    }
    str_free(&key);
}

json_t *query_json(const struct table *table, const struct arch *arch)
{
    json_t *root = json_object();
    char digits[ARCH_SLOTS + 1];
    struct str text = {0};
    size_t row = space_index(table->space, arch);
    space_digits(table->space, arch, digits);
    table->space->encode(arch, &text);
    json_object_set_new(root, "digits", json_string(digits));
    json_object_set_new(root, "arch", json_string(text.text));
    for (size_t i = 0; i < table->column_count; i++)
        add_column(root, table, &table->columns[i], (double)table->values[i * table->rows + row]);
    str_free(&text);
    return root;
}
