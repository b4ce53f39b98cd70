#include "../suite.h"
#include "run/progress.h"

#include <check.h>

static const struct {
    struct progress progress;
    double now_s;
    size_t in_flight;
    const char *line;
} cases[] = {
    {{.runs = 40}, 10, 0, "0 of 40 runs"},
    {{.runs = 40, .runs_done = 20, .runs_made = 10, .begun_s = 8},
     10,
     0,
     "20 of 40 runs, 5 a second, 4 s left"},
    {{.runs = 4, .runs_done = 1, .runs_made = 1, .running = "seki.s2", .running_at = 7},
     100,
     0,
     "1 of 4 runs, 5 min left; seki.s2 at iteration 7"},
    {{.runs = 4, .iterations = 200, .running = "seki.s1"},
     30,
     1,
     "0 of 4 runs, 1 request in flight, 0 a minute; seki.s1 at iteration 0"},
    /* 40 of 50 iterations were recorded before, 2 of them now, in a minute. */
    {{.runs = 4,
      .iterations = 200,
      .iterations_done = 42,
      .live_iterations = 2,
      .live_calls = 4,
      .running = "seki.s1",
      .running_at = 42},
     60,
     3,
     "0 of 4 runs, 3 requests in flight, 4 a minute, 79 min left; seki.s1 at iteration 42"},
    {{.runs = 40,
      .iterations = 2000,
      .iterations_done = 800,
      .live_iterations = 100,
      .live_calls = 200,
      .running = "seki.s1",
      .running_at = 5},
     3600,
     0,
     "0 of 40 runs, 0 requests in flight, 3.33 a minute, 12.0 h left; seki.s1 at iteration 5"},
    {{.runs = 1, .live_calls = 3, .live_iterations = 1, .running = "a.s1", .running_at = 1},
     60,
     1,
     "0 of 1 runs, 1 request in flight, 3 a minute; a.s1 at iteration 1"},
};

START_TEST(a_line_says_what_is_known)
{
    struct str line = {0};
    progress_line(&cases[_i].progress, cases[_i].now_s, cases[_i].in_flight, &line);
    ck_assert_str_eq(line.text, cases[_i].line);
    str_free(&line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *lines = tcase_create("lines");
    tcase_add_loop_test(lines, a_line_says_what_is_known, 0, sizeof(cases) / sizeof(*cases));
    suite_add_tcase(suite, lines);
    return suite_run(suite);
}
