/* The commit that this program was built from, "unknown" outside a checkout; commit.c is made by
 * the build. */
#ifndef RUN_COMMIT_H
#define RUN_COMMIT_H

extern const char build_commit[];

#endif
