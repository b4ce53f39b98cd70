/* libhdf5, loaded when a table is first read or written. Debian's brings libcurl and thirty other
 * libraries with it: 5 ms of a start that other commands need not wait for, and that a table's
 * bytes are checked in.
 *
 * The functions that table/ calls stand here under their own names and pass the call on, so that
 * the rest of table/ is plain HDF5. H5open() comes first; it is negative when the library is not
 * there. What links the library itself (a test that damages tables) needs nothing of this file. */
#include "config.h"

#include <dlfcn.h>
#include <hdf5.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

/* result, name, parameters, arguments */
#define FUNCTIONS(X)                                                                               \
    X(herr_t, H5Aclose, (hid_t attribute), (attribute))                                            \
    X(hid_t, H5Acreate2,                                                                           \
      (hid_t at, const char *name, hid_t type, hid_t space, hid_t create, hid_t access),           \
      (at, name, type, space, create, access))                                                     \
    X(hid_t, H5Aget_space, (hid_t attribute), (attribute))                                         \
    X(hid_t, H5Aget_type, (hid_t attribute), (attribute))                                          \
    X(hid_t, H5Aopen, (hid_t at, const char *name, hid_t access), (at, name, access))              \
    X(herr_t, H5Aread, (hid_t attribute, hid_t type, void *value), (attribute, type, value))       \
    X(herr_t, H5Awrite, (hid_t attribute, hid_t type, const void *value),                          \
      (attribute, type, value))                                                                    \
    X(herr_t, H5Dclose, (hid_t data), (data))                                                      \
    X(hid_t, H5Dcreate2,                                                                           \
      (hid_t at, const char *name, hid_t type, hid_t space, hid_t link, hid_t create,              \
       hid_t access),                                                                              \
      (at, name, type, space, link, create, access))                                               \
    X(hid_t, H5Dget_create_plist, (hid_t data), (data))                                            \
    X(hid_t, H5Dget_space, (hid_t data), (data))                                                   \
    X(hid_t, H5Dget_type, (hid_t data), (data))                                                    \
    X(hid_t, H5Dopen2, (hid_t at, const char *name, hid_t access), (at, name, access))             \
    X(herr_t, H5Dread, (hid_t data, hid_t type, hid_t to, hid_t from, hid_t plist, void *values),  \
      (data, type, to, from, plist, values))                                                       \
    X(herr_t, H5Dwrite,                                                                            \
      (hid_t data, hid_t type, hid_t from, hid_t to, hid_t plist, const void *values),             \
      (data, type, from, to, plist, values))                                                       \
    X(herr_t, H5check_version, (unsigned major, unsigned minor, unsigned release),                 \
      (major, minor, release))                                                                     \
    X(herr_t, H5Eset_auto2, (hid_t stack, H5E_auto2_t print, void *context),                       \
      (stack, print, context))                                                                     \
    X(herr_t, H5Fclose, (hid_t file), (file))                                                      \
    X(hid_t, H5Fcreate, (const char *path, unsigned flags, hid_t create, hid_t access),            \
      (path, flags, create, access))                                                               \
    X(hid_t, H5Fopen, (const char *path, unsigned flags, hid_t access), (path, flags, access))     \
    X(herr_t, H5Pclose, (hid_t plist), (plist))                                                    \
    X(hid_t, H5Pcreate, (hid_t kind), (kind))                                                      \
    X(int, H5Pget_external_count, (hid_t plist), (plist))                                          \
    X(H5D_layout_t, H5Pget_layout, (hid_t plist), (plist))                                         \
    X(herr_t, H5Pset_layout, (hid_t plist, H5D_layout_t layout), (plist, layout))                  \
    X(herr_t, H5Pset_obj_track_times, (hid_t plist, hbool_t track), (plist, track))                \
    X(herr_t, H5Pset_userblock, (hid_t plist, hsize_t size), (plist, size))                        \
    X(herr_t, H5Sclose, (hid_t space), (space))                                                    \
    X(hid_t, H5Screate, (H5S_class_t kind), (kind))                                                \
    X(hid_t, H5Screate_simple, (int rank, const hsize_t shape[], const hsize_t most[]),            \
      (rank, shape, most))                                                                         \
    X(int, H5Sget_simple_extent_dims, (hid_t space, hsize_t shape[], hsize_t most[]),              \
      (space, shape, most))                                                                        \
    X(int, H5Sget_simple_extent_ndims, (hid_t space), (space))                                     \
    X(hssize_t, H5Sget_simple_extent_npoints, (hid_t space), (space))                              \
    X(herr_t, H5Tclose, (hid_t type), (type))                                                      \
    X(hid_t, H5Tcopy, (hid_t type), (type))                                                        \
    X(hid_t, H5Tcreate, (H5T_class_t kind, size_t size), (kind, size))                             \
    X(htri_t, H5Tequal, (hid_t a, hid_t b), (a, b))                                                \
    X(herr_t, H5Tinsert, (hid_t type, const char *member, size_t offset, hid_t member_type),       \
      (type, member, offset, member_type))                                                         \
    X(herr_t, H5Tset_size, (hid_t type, size_t size), (type, size))                                \
    X(herr_t, H5Tset_strpad, (hid_t type, H5T_str_t padding), (type, padding))

/* What its macros for types and kinds of property lists stand for; set by H5open(). */
#define VARIABLES(X)                                                                               \
    X(H5P_CLS_DATASET_CREATE_ID_g)                                                                 \
    X(H5P_CLS_FILE_CREATE_ID_g)                                                                    \
    X(H5T_C_S1_g)                                                                                  \
    X(H5T_IEEE_F32LE_g)                                                                            \
    X(H5T_STD_I32LE_g)

#define DEFINE_FUNCTION(result, name, parameters, arguments)                                       \
    static result(*real_##name) parameters;                                                        \
    result name parameters                                                                         \
    {                                                                                              \
        return real_##name arguments;                                                              \
    }
FUNCTIONS(DEFINE_FUNCTION)

#define DEFINE_VARIABLE(name) hid_t name;
VARIABLES(DEFINE_VARIABLE)

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static herr_t (*real_H5open)(void);
static bool loaded; /* all that is named here was found */

/* Puts the address of name into *slot, a pointer. */
static void look_up(void *library, const char *name, void *slot)
{
    void *address = dlsym(library, name);
    loaded = loaded && address;
    memcpy(slot, &address, sizeof(address));
}

static void load(void)
{
    void *library = dlopen(HDF5_SONAME, RTLD_LAZY | RTLD_LOCAL);
    loaded = library != NULL;
    if (!library)
        return;
    look_up(library, "H5open", &real_H5open);
#define LOOK_UP_FUNCTION(result, name, parameters, arguments) look_up(library, #name, &real_##name);
    FUNCTIONS(LOOK_UP_FUNCTION)
    if (!loaded || real_H5open() < 0) {
        loaded = false;
        return;
    }
    hid_t *variable;
#define COPY_VARIABLE(name)                                                                        \
    look_up(library, #name, &variable);                                                            \
    name = variable ? *variable : H5I_INVALID_HID;
    VARIABLES(COPY_VARIABLE)
}

herr_t H5open(void)
{
    pthread_once(&load_once, load);
    return loaded ? 0 : -1;
}
