#include "store/report.h"

#include "store/entries.h"

struct store_report *store_report_new(void)
{
    struct report *r = xcalloc(1, sizeof(*r));
    return &r->given;
}

struct report *report_of(struct store_report *r)
{
    return container_of(r, struct report, given);
}

void report_prepare(struct report *r)
{
    record_write_session(&r->given.session, &r->given.arena, &r->record);
    r->opening = entries_pack(r->given.opening, &r->opening_room);
    r->closing = entries_pack(r->given.closing, &r->closing_room);
}

void report_free(struct report *r)
{
    buf_done(&r->opening_room);
    buf_done(&r->closing_room);
    arena_done(&r->given.arena);
    free(r);
}
