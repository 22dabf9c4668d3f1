#include "store/sqlite/many.h"

#include "store/sqlite/change.h"
#include "store/sqlite/search.h"

struct step {
    int64_t ids[CHANGE_SOME];
    size_t count;
};

/* ---- finding ---- */

static int list_ids(struct store_reader *r, const struct store_list *list, struct step *out)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct store_page page;
    int err = store_messages_list(r, list, &arena, &page);
    for (out->count = 0; !err && out->count < page.count; out->count++)
        out->ids[out->count] = page.items[out->count].id;
    return err;
}

/* The reader is back before the writer is waited for. */
static int find_step(struct readers *readers, const struct store_list *list, struct step *out)
{
    struct store_reader *r = readers_lease(readers);
    int err = list->query ? search_ids(r, list, out->ids, &out->count) : list_ids(r, list, out);
    readers_return(r);
    return err;
}

/* ---- changing ---- */

/* Adds to *done how many it changed. */
typedef int change_step(struct writer *w, const struct step *step, const void *how, int64_t *done);

/* Newest first and never the same again: what arrives meanwhile stays as it is. */
static int change_found(struct readers *readers, struct writer *w, const struct store_choice *which,
                        change_step *change, const void *how, int64_t *done_out)
{
    struct store_list list = {
        .inbox_id = which->inbox_id,
        .before = which->before,
        .query = which->query,
        .limit = CHANGE_SOME,
        .has_no_total = true,
    };
    struct step step;
    int64_t done = 0;
    do {
        int err = find_step(readers, &list, &step);
        if (!err)
            err = change(w, &step, how, &done);
        if (err)
            return err;
        list.before = step.count ? step.ids[step.count - 1] : 0;
    } while (step.count == CHANGE_SOME);
    *done_out = done;
    return 0;
}

static int delete_step(struct writer *w, const struct step *step, const void *how, int64_t *done)
{
    (void)how;
    return change_delete_some(w, step->ids, step->count, done);
}

int many_delete(struct readers *readers, struct writer *w, const struct store_choice *which,
                int64_t *deleted_out)
{
    return change_found(readers, w, which, delete_step, NULL, deleted_out);
}

static int mark_step(struct writer *w, const struct step *step, const void *how, int64_t *done)
{
    return change_mark_some(w, 0, step->ids, step->count, how, done);
}

int many_mark(struct readers *readers, struct writer *w, const struct store_choice *which,
              const struct store_flags *flags, int64_t *changed_out)
{
    return change_found(readers, w, which, mark_step, flags, changed_out);
}
