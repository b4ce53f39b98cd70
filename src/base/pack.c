#include "base/pack.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

/* Settings of zstd. The first two are hints, which any version may refuse. */
enum {
    LITERALS = ZSTD_c_experimentalParam5, /* ZSTD_c_literalCompressionMode ... */
    LITERALS_HUFFMAN = 1,                 /* ... whatever the other settings are */
    FASTEST_LEVEL = 1,
    SEARCH_STRIDE = 256 /* bytes passed over between two looks for a repeat */
};

struct packer {
    ZSTD_CCtx *zstd;
    char *room;
    size_t room_size;
};

static void check(size_t result)
{
    if (!ZSTD_isError(result))
        return;
    fprintf(stderr, "seki: zstd: %s\n", ZSTD_getErrorName(result)); /* out of memory */
    abort();
}

struct packer *packer_open(void)
{
    struct packer *packer = mem_alloc(1, sizeof(*packer));
    packer->zstd = ZSTD_createCCtx();
    if (!packer->zstd)
        abort();
    check(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, FASTEST_LEVEL));
    check(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_checksumFlag, 1));
    (void)ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_targetLength, SEARCH_STRIDE);
    (void)ZSTD_CCtx_setParameter(packer->zstd, (ZSTD_cParameter)LITERALS, LITERALS_HUFFMAN);
    return packer;
}

void packer_add(struct packer *packer, const void *bytes, size_t size, struct str *out)
{
    size_t bound = ZSTD_compressBound(size);
    if (bound > packer->room_size) {
        packer->room = mem_resize(packer->room, bound, 1);
        packer->room_size = bound;
    }
    size_t packed = ZSTD_compress2(packer->zstd, packer->room, packer->room_size, bytes, size);
    check(packed);
    str_add_bytes(out, packer->room, packed);
}

void packer_close(struct packer *packer)
{
    if (!packer)
        return;
    ZSTD_freeCCtx(packer->zstd);
    free(packer->room);
    free(packer);
}
