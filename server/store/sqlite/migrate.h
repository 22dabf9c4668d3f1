#pragma once
/* Makes sure that a database is ours and brings it up to the schema this program knows. */

#include "core/embedded.h"
#include "store/sqlite/db.h"

/* "MSTP", in the file's header: what tells our databases from others. */
enum { MIGRATE_APPLICATION_ID = 0x4D535450 };

/* Those of this program, from db/migrations. */
extern const struct embedded_files db_migrations;

/* The schema a database has; -EINVAL if it is another program's, or newer than `known`, 0 for one
 * that has nothing in it yet. */
int migrate_version(struct db *db, size_t known, const char *path, int64_t *version_out,
                    struct buf *why) MUST_CHECK;

/* Applies those of `steps` that the database has not had, all in one transaction; `user_version`
 * counts them. Of a database that has had some, a copy is kept before: see backup.h. On failure
 * `*why` is a sentence for the operator, and the database is as it was. */
int migrate(struct db *db, const struct embedded_files *steps, const char *path,
            struct buf *why) MUST_CHECK;
