/* The option tables themselves: no key twice, no default that its own row refuses. */
#include "../suite.h"
#include "experiment/registry.h"

#include "experiment/fields.h"

#include <check.h>
#include <stdlib.h>

static void check_table(const struct option *table, const char *name)
{
    json_t *given = json_object(), *seen = json_object();
    struct faults faults = {0};
    for (const struct option *row = table; row->key; row++) {
        ck_assert_msg(!json_object_get(seen, row->key), "%s: %s twice", name, row->key);
        ck_assert_msg(row->help && row->help[0], "%s: %s without help", name, row->key);
        json_object_set_new(seen, row->key, json_true());
        if (row->fallback)
            json_object_set_new(given, row->key, json_loads(row->fallback, JSON_DECODE_ANY, NULL));
    }
    json_decref(option_resolve(table, given, name, &faults));
    for (size_t i = 0; i < faults.count; i++)
        ck_assert_msg(strstr(faults.list[i], ": missing, "), "%s", faults.list[i]);
    fault_free(&faults);
    json_decref(given);
    json_decref(seen);
}

static const struct registry *const registries[] = {
    &registry_oracles, &registry_strategies, &registry_llms, &registry_tables, &registry_figures,
};

START_TEST(the_tables_of_each_type_are_sound)
{
    const struct registry *registry = registries[_i];
    struct registered type;
    size_t count = 0;
    for (; registry->type_at(count, &type); count++) {
        struct option *table = registry_options(registry, &type, type.name);
        check_table(table, type.name);
        ck_assert_msg(type.summary && type.summary[0], "%s has no summary", type.name);
        free(table);
    }
    ck_assert_uint_gt(count, 0);
}
END_TEST

START_TEST(the_tables_of_the_file_are_sound)
{
    check_table(file_fields, "file");
    check_table(entry_fields, "entry");
    check_table(cell_fields, "cell");
    check_table(part_fields, "part");
    check_table(budget_fields, "budget");
    check_table(seeds_fields, "seeds");
    check_table(report_fields, "report");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registry");
    TCase *tables = tcase_create("tables");
    tcase_add_loop_test(tables, the_tables_of_each_type_are_sound, 0,
                        sizeof(registries) / sizeof(registries[0]));
    tcase_add_test(tables, the_tables_of_the_file_are_sound);
    suite_add_tcase(suite, tables);
    return suite_run(suite);
}
