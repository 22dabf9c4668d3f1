#include "store/session_query.h"
#include "store/sqlite/sessions.h"

#include <errno.h>

/* A page on its way. */
struct look {
    struct db *db;
    const struct store_session_list *list;
    struct arena *arena;
    struct store_session_page page;
    size_t sessions, transcripts; /* looked at */
};

/* ---- what is asked for ---- */

static bool facts_hold(const struct look *l, const struct store_session *s)
{
    const struct store_session_query *q = l->list->query;
    if (l->list->by_outcome && s->outcome != l->list->outcome)
        return false;
    for (size_t i = 0; q && i < q->count; i++)
        if (session_term_is_of_facts(&q->terms[i]) && !session_term_holds(&q->terms[i], s))
            return false;
    return true;
}

static bool asks_what_was_said(const struct store_session_query *q)
{
    for (size_t i = 0; q && i < q->count; i++)
        if (!session_term_is_of_facts(&q->terms[i]))
            return true;
    return false;
}

static bool was_said(const struct store_session_query *q, const struct store_session *s,
                     const struct store_transcript *said)
{
    for (size_t i = 0; i < q->count; i++)
        if (!session_term_is_of_facts(&q->terms[i]) &&
            !session_term_was_said(&q->terms[i], s, said))
            return false;
    return true;
}

/* 1 if it is one of those asked for, 0 if not. What is damaged says nothing here. */
static int transcript_holds(struct look *l, const struct store_session *s)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct store_transcript said;
    l->transcripts++;
    int err = sessions_add_transcript(l->db, &t, s->id);
    transcript_end(&t, &said);
    if (err && err != -EBADMSG)
        return err;
    return was_said(l->list->query, s, &said);
}

static int holds(struct look *l, const struct store_session *s)
{
    if (!facts_hold(l, s))
        return 0;
    return asks_what_was_said(l->list->query) ? transcript_holds(l, s) : 1;
}

/* ---- the page ---- */

static enum statement statement_of(const struct store_session_list *list)
{
    /* by whether the failed ones are asked for, by inbox, and by order */
    static const enum statement statements[2][2][2] = {
        { { STMT_SESSIONS_NEWEST, STMT_SESSIONS_OLDEST },
          { STMT_SESSIONS_INBOX_NEWEST, STMT_SESSIONS_INBOX_OLDEST } },
        { { STMT_SESSIONS_FAILED_NEWEST, STMT_SESSIONS_FAILED_OLDEST },
          { STMT_SESSIONS_FAILED_INBOX_NEWEST, STMT_SESSIONS_FAILED_INBOX_OLDEST } },
    };
    bool is_failed = list->query && session_query_is_of_failed(list->query);
    return statements[is_failed][list->bounds.inbox_id != 0][list->bounds.oldest_first];
}

static bool is_full(const struct look *l)
{
    return l->page.count == l->list->bounds.limit || l->sessions == STORE_SESSIONS_LOOKED_AT ||
           l->transcripts == STORE_TRANSCRIPTS_LOOKED_AT;
}

static int look_at(struct look *l, sqlite3_stmt *s)
{
    struct store_session *session = &l->page.items[l->page.count];
    sessions_read(s, l->arena, session);
    l->sessions++;
    l->page.last_id = session->id;
    int got = holds(l, session);
    if (got <= 0)
        return got;
    l->page.count++;
    return sessions_read_messages(l->db, l->arena, session);
}

static int read_items(struct look *l)
{
    const struct store_list *bounds = &l->list->bounds;
    sqlite3_stmt *s AUTO(stmt_reset) = l->db->stmts[statement_of(l->list)];
    sqlite3_bind_int64(s, 1, bounds->after);
    sqlite3_bind_int64(s, 2, bounds->before ? bounds->before : INT64_MAX);
    if (bounds->inbox_id)
        sqlite3_bind_int64(s, 3, bounds->inbox_id);
    l->page.items = arena_alloc(l->arena, bounds->limit * sizeof(*l->page.items));
    int got, err = 0;
    while (!err && (got = db_step(l->db, s)) > 0) {
        if (is_full(l)) {
            l->page.has_more = true;
            return 0;
        }
        err = look_at(l, s);
    }
    return err ? err : got;
}

static int read_total(struct look *l)
{
    int64_t inbox_id = l->list->bounds.inbox_id;
    enum statement id = inbox_id ? STMT_SESSIONS_INBOX_COUNT : STMT_SESSIONS_COUNT;
    sqlite3_stmt *s AUTO(stmt_reset) = l->db->stmts[id];
    if (inbox_id)
        sqlite3_bind_int64(s, 1, inbox_id);
    int got = db_step(l->db, s);
    if (got < 0)
        return got;
    l->page.total = sqlite3_column_int64(s, 0);
    return 0;
}

static int read_page(struct look *l)
{
    int err = read_total(l);
    return err ? err : read_items(l);
}

int store_sessions_list(struct store_reader *r, const struct store_session_list *list,
                        struct arena *arena, struct store_session_page *out)
{
    struct look l = { .db = &r->db, .list = list, .arena = arena };
    int err = db_run(&r->db, STMT_SNAPSHOT); /* so that total and items agree */
    if (err)
        return err;
    err = read_page(&l);
    int end_err = db_run(&r->db, STMT_SNAPSHOT_END);
    if (err || end_err)
        return err ? err : end_err;
    *out = l.page;
    return 0;
}
