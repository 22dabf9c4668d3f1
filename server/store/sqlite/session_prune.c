#include "store/sqlite/session_prune.h"

#include "store/sqlite/writer.h"

enum { STEP_SESSIONS = 256 };

/* The newest stay. */
int session_prune(struct writer *w, struct upkeep_step *s)
{
    sqlite3_stmt *prune AUTO(stmt_reset) = w->db.stmts[STMT_SESSION_PRUNE];
    sqlite3_bind_int(prune, 1, SILENT_SESSIONS_KEPT);
    sqlite3_bind_int(prune, 2, STEP_SESSIONS);
    int err = db_step(&w->db, prune);
    int deleted = err ? 0 : sqlite3_changes(w->db.handle);
    if (deleted == STEP_SESSIONS)
        s->again_ms = 0;
    else if (deleted)
        upkeep_wake(&w->upkeep, UPKEEP_REMOVED);
    return err;
}
