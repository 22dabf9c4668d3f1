#include "store/sqlite/erase.h"

#include "store/sqlite/change.h"

enum { STEP = 64 };

struct step {
    int64_t ids[STEP];
    size_t count;
};

/* The reader is back before the writer is waited for. */
static int find_step(struct readers *readers, const struct store_list *list, struct step *out)
{
    struct store_reader *r = readers_lease(readers);
    int err = search_ids(r, list, out->ids, &out->count);
    readers_return(r);
    return err;
}

/* Newest first and never the same again: what arrives meanwhile stays. */
int erase_found(struct readers *readers, struct writer *w, int64_t inbox_id,
                const struct store_query *query, int64_t *deleted_out)
{
    struct store_list list = { .inbox_id = inbox_id, .query = query, .limit = STEP };
    struct step step;
    int64_t deleted = 0;
    do {
        int err = find_step(readers, &list, &step);
        if (!err)
            err = change_delete_some(w, step.ids, step.count, &deleted);
        if (err)
            return err;
        list.before = step.count ? step.ids[step.count - 1] : 0;
    } while (step.count == STEP);
    *deleted_out = deleted;
    return 0;
}
