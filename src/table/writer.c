#include "table/writer.h"

#include "base/file.h"
#include "base/mem.h"
#include "table/schema.h"
#include "table/userblock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool write_attribute(hid_t file, const char *name, hid_t type, const void *value)
{
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(file, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(scalar);
    return ok;
}

static bool write_text(hid_t file, const char *name, const char *text)
{
    char padded[sizeof(((struct table *)NULL)->seal)] = {0};
    _Static_assert(sizeof(padded) >= TABLE_TEXT, "a seal is longer than a text");
    size_t size = strlen(text) < TABLE_TEXT ? TABLE_TEXT : sizeof(padded);
    hid_t type = schema_text_type(size);
    snprintf(padded, size, "%s", text);
    bool ok = write_attribute(file, name, type, padded);
    H5Tclose(type);
    return ok;
}

static bool write_attributes(hid_t file, const struct table *table)
{
    const int version = SCHEMA_VERSION;
    return write_text(file, "schema", SCHEMA_NAME) &&
           write_attribute(file, "version", H5T_STD_I32LE, &version) &&
           write_text(file, "benchmark", table->benchmark) &&
           write_text(file, "space", table->space->name) && write_text(file, "seal", table->seal);
}

static bool write_dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *shape,
                          const void *values)
{
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, shape, NULL);
    H5Pset_obj_track_times(plist, false);
    H5Pset_layout(plist, H5D_CONTIGUOUS);
    hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    bool ok = data >= 0 && H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    if (data >= 0)
        ok = H5Dclose(data) >= 0 && ok;
    H5Sclose(space);
    H5Pclose(plist);
    return ok;
}

static bool write_datasets(hid_t file, const struct table *table, const char *architectures)
{
    const hsize_t shape[2] = {table->column_count, table->rows};
    hid_t column = schema_column_type(), digits = schema_text_type(table->space->slot_count);
    bool ok = write_dataset(file, SCHEMA_COLUMNS, column, 1, &shape[0], table->columns) &&
              write_dataset(file, SCHEMA_ARCHITECTURES, digits, 1, &shape[1], architectures) &&
              write_dataset(file, SCHEMA_VALUES, H5T_IEEE_F32LE, 2, shape, table->values);
    H5Tclose(digits);
    H5Tclose(column);
    return ok;
}

static bool write_file(const struct table *table, const char *architectures, const char *path)
{
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, false);
    H5Pset_userblock(creation, USERBLOCK_SIZE);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    bool ok =
        file >= 0 && write_datasets(file, table, architectures) && write_attributes(file, table);
    if (file >= 0)
        ok = H5Fclose(file) >= 0 && ok;
    H5Pclose(creation);
    return ok;
}

/* What is renamed to path takes the place of a device or a link like /dev/stdout. */
static bool is_replaceable(const char *path, struct err *err)
{
    struct stat old;
    return lstat(path, &old) != 0 || S_ISREG(old.st_mode) ||
           err_set(err, ERR_INPUT,
                   "%s: found a folder, link or device, expected a file or no such name", path);
}

bool table_write(struct table *table, const char *path, struct err *err)
{
    if (!is_replaceable(path, err) || !file_make_folder_of(path, err))
        return false;
    char *architectures = schema_architectures(table->space, table->rows);
    char *beside = file_beside(path);
    struct digest seal = schema_seal(table, architectures);
    memcpy(table->seal, seal.hex, sizeof(table->seal));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    errno = 0; /* HDF5 keeps the system's */
    bool ok = write_file(table, architectures, beside);
    if (!ok)
        (void)err_set(err, ERR_IO, "%s: cannot write: %s", path,
                      errno ? strerror(errno) : "HDF5 gives no reason");
    ok = ok && userblock_write(beside, err);
    if (ok && rename(beside, path) != 0)
        ok = err_set(err, ERR_IO, "%s: cannot write: %s", path, strerror(errno));
    if (!ok)
        remove(beside);
    free(beside);
    free(architectures);
    return ok;
}
