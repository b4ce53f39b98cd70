/* What cannot be drawn is told in a sentence: of the drawing, of a log, of a reference. */
#include "drawing.h"

#include "base/mem.h"

#include <stdlib.h>

static void refuses(const char *table, const char *expected)
{
    refuses_drawing("tables", table, expected);
}

START_TEST(what_cannot_be_drawn_is_told)
{
    refuses("{\"type\": \"cost\", \"name\": \"x\", \"cells\": \"sekki*\"}",
            "x: cells: found \"sekki*\", which fits no cell; the first is \"seki\"");
    refuses("{\"type\": \"accuracy\", \"name\": \"x\", \"at\": [4]}",
            "seki, seed 1: no answer after 4 evaluations in its log, which holds 5; expected one "
            "of the experiment's report.at");
    refuses("{\"type\": \"anytime\", \"name\": \"x\", \"at\": [3, 6]}",
            "seki, seed 1: 5 iterations in its log, expected at least 6");
}
END_TEST

START_TEST(without_the_optimum_there_is_no_regret)
{
    char *text = exchange(read_source("logs/random.jsonl"), "search_optimum_pct", "optimum_pct");
    place_text(text, "study/random/runs.jsonl.zst");
    refuses("{\"type\": \"anytime\", \"name\": \"x\"}",
            "x: the optimum of random is not known, so it has no regret");
    free(text);
}
END_TEST

START_TEST(runs_of_two_experiments_are_no_cell)
{
    char *text = exchange(read_source("logs/seki.s3.jsonl"), "\"epochs\":200", "\"epochs\":100");
    place_text(text, "study/seki.s3/run.jsonl");
    refuses("{\"type\": \"cost\", \"name\": \"x\"}",
            "FOLDER/study/seki.s3/run.jsonl:1: experiment: found another than that of "
            "FOLDER/study/seki.s1/run.jsonl, expected all runs of a cell to be of one experiment");
    free(text);
}
END_TEST

START_TEST(a_log_of_another_cell_is_refused)
{
    place_log("rules.s1.jsonl", "study/seki.s3/run.jsonl");
    refuses("{\"type\": \"cost\", \"name\": \"x\"}",
            "FOLDER/study/seki.s3/run.jsonl:1: cell: found \"rules\", expected \"seki\"");
}
END_TEST

START_TEST(a_seed_with_two_logs_is_refused)
{
    place_log("seki.s2.jsonl", "study/seki.s4/run.jsonl");
    refuses("{\"type\": \"cost\", \"name\": \"x\"}",
            "FOLDER/study/seki.s4/run.jsonl: seed 2 of seki has another log beside this one");
}
END_TEST

/* Draws a table beside this reference; the sentence begins with the path of the file. */
static void refuses_reference(const char *text, const char *expected)
{
    char *full = mem_printf("./FOLDER/reference.csv:%s", expected);
    char *table = mem_printf("{\"type\": \"accuracy\", \"name\": \"x\", \"reference\": "
                             "\"%s/reference.csv\"}",
                             folder);
    setenv("SEKI_DATA", ".", 1);
    place_text(text, "reference.csv");
    refuses(table, full);
    free(full);
    free(table);
}

START_TEST(faults_of_a_reference_are_told_with_their_line)
{
    static const char head[] =
        "strategy,space,dataset,searched_on,budget,metric,split,mean,std,runs,source\n";
    static const char *const cases[][2] = {
        {"a,s,d,d,b,accuracy,test,1,1,reported\n", "2: 10 fields, expected 11"},
        {"a,s,d,d,b,accuracy,test,,1,1,reported\n", "2: mean: found \"\", expected a number"},
        {"a,s,d,d,b,accuracy,test,1,x,1,reported\n",
         "2: std: found \"x\", expected a number or nothing"},
        {"\n\na,s,d,d,b,accuracy,test,1,1,1.5,reported\n",
         "4: runs: found \"1.5\", expected a whole number or nothing"},
        {"a,s,d,d,b,accuracy,test,1,1,1,guessed\n",
         "2: source: found \"guessed\", expected measured, replayed, stored, reported, "
         "rerun-elsewhere or counted"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text = mem_printf("%s%s", head, cases[i][0]);
        refuses_reference(text, cases[i][1]);
        free(text);
    }
    refuses_reference("{}\n", "1: the header is \"{}\", expected "
                              "\"strategy,space,dataset,searched_on,budget,metric,split,mean,std,"
                              "runs,source\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refusals");
    TCase *refused = drawing_case("refused");
    tcase_add_test(refused, what_cannot_be_drawn_is_told);
    tcase_add_test(refused, without_the_optimum_there_is_no_regret);
    tcase_add_test(refused, a_log_of_another_cell_is_refused);
    tcase_add_test(refused, a_seed_with_two_logs_is_refused);
    tcase_add_test(refused, faults_of_a_reference_are_told_with_their_line);
    tcase_add_test(refused, runs_of_two_experiments_are_no_cell);
    suite_add_tcase(suite, refused);
    return drawing_run(suite);
}
