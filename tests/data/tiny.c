#include "tiny.h"

#include "base/file.h"
#include "base/mem.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

char *tiny_folder(void)
{
    char *folder = mem_strdup("tiny-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    return folder;
}

void tiny_remove(char *folder)
{
    DIR *names = opendir(folder);
    for (struct dirent *entry; (entry = readdir(names));)
        unlinkat(dirfd(names), entry->d_name, 0);
    closedir(names);
    ck_assert_int_eq(rmdir(folder), 0);
    free(folder);
}

void tiny_write(const char *folder, const char *name, const void *bytes, size_t size)
{
    struct err err = {0};
    char *path = file_join(folder, name);
    ck_assert_msg(file_write(path, bytes, size, &err), "%s", err.text);
    free(path);
}

void tiny_write_packed(const char *folder, const char *name, const void *bytes, size_t size)
{
    char *path = file_join(folder, name);
    gzFile file = gzopen(path, "wb");
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(file), Z_OK);
    free(path);
}

json_t *tiny_settings(const char *text)
{
    static const struct option table[] = {DATASET_OPTIONS, SPLIT_OPTIONS, AUGMENT_OPTIONS, {0}};
    struct faults faults = {0};
    json_t *given = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(given);
    json_t *settings = option_resolve(table, given, "", &faults);
    ck_assert_msg(!faults.count, "%s", faults.count ? faults.list[0] : "");
    json_decref(given);
    return settings;
}

struct dataset *tiny_synthetic(const char *text)
{
    struct err err = {0};
    char *all = mem_printf("{\"dataset\": \"synthetic\", \"valid_from\": \"none\", %s}", text);
    json_t *settings = tiny_settings(all);
    struct dataset *dataset = dataset_open(settings, &err);
    ck_assert_msg(dataset, "%s", err.text);
    json_decref(settings);
    free(all);
    return dataset;
}
