/* Any bytes as a table of trainings: refused with a reason, or each training in it is whole and
 * found again. */
#include "fuzz.h"

#include "base/mem.h"
#include "oracle/trainings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "seki-fuzz-XXXXXX";
static char *inner, *link_path; /* folder/trainings, and the table in it: a link to the bytes */

static void remove_all(void)
{
    unlink(link_path);
    rmdir(inner);
    rmdir(folder);
    free(link_path);
    free(inner);
}

/* Lets the table of this setting be the file at path. */
static void place(const struct space *space, const json_t *setting, const char *path)
{
    if (inner)
        return;
    char *target = path[0] == '/' ? mem_strdup(path) : mem_printf("../../%s", path);
    struct trainings *none = trainings_open(space, setting, NULL, NULL);
    FUZZ_REQUIRE(none && mkdtemp(folder));
    inner = mem_printf("%s/trainings", folder);
    link_path = mem_printf("%s/%s.jsonl", inner, trainings_name(none));
    FUZZ_REQUIRE(mkdir(inner, 0700) == 0 && symlink(target, link_path) == 0);
    atexit(remove_all);
    trainings_close(none);
    free(target);
}

static void require_whole(struct trainings *trainings, const struct training *training)
{
    FUZZ_REQUIRE(trainings_find(trainings, &training->arch, training->seed, training->data) ==
                 training);
    FUZZ_REQUIRE(strlen(training->device) + strlen(training->data) < SIZE_MAX);
    FUZZ_REQUIRE(json_is_array(training->curve));
    FUZZ_REQUIRE(isfinite(training->train_s) && training->train_s >= 0);
    for (int epoch = 0; epoch < 2; epoch++) {
        double valid_pct = training->valid_pct[epoch];
        FUZZ_REQUIRE(isnan(valid_pct) || (valid_pct >= 0 && valid_pct <= 100));
        FUZZ_REQUIRE(!training->diverged || isnan(valid_pct));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    const struct space *space = space_find("nas-bench-201");
    json_t *setting = json_pack("{s:s, s:i}", "dataset", "synthetic", "epochs", 3);
    place(space, setting, fuzz_file(data, size));
    struct trainings *trainings = trainings_open(space, setting, folder, &err);
    if (!trainings)
        fuzz_require_reason(&err);
    for (size_t i = 0; trainings && trainings_at(trainings, i); i++)
        require_whole(trainings, trainings_at(trainings, i));
    trainings_close(trainings);
    json_decref(setting);
    return 0;
}
