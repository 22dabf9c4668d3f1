#include "store/routes.h"

#include "core/glob.h"

#include <string.h>

void routes_init(struct routes *r)
{
    *r = (struct routes){ 0 };
    pthread_rwlock_init(&r->lock, NULL);
}

void routes_done(struct routes *r)
{
    for (size_t i = 0; i < r->count; i++)
        arena_done(&r->items[i].arena);
    free(r->items);
    pthread_rwlock_destroy(&r->lock);
}

/* ---- changing ---- */

/* Where the inbox is, or would have to be. */
static size_t place_of(const struct routes *r, int64_t inbox_id)
{
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->items[middle].inbox_id < inbox_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void drop(struct routes *r, int64_t inbox_id)
{
    size_t at = place_of(r, inbox_id);
    if (at == r->count || r->items[at].inbox_id != inbox_id)
        return;
    arena_done(&r->items[at].arena);
    r->count--;
    memmove(&r->items[at], &r->items[at + 1], (r->count - at) * sizeof(*r->items));
}

static void add(struct routes *r, const struct route *route)
{
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 16;
        r->items = xrealloc(r->items, r->room * sizeof(*r->items));
    }
    size_t at = place_of(r, route->inbox_id);
    memmove(&r->items[at + 1], &r->items[at], (r->count - at) * sizeof(*r->items));
    r->items[at] = *route;
    r->count++;
}

void routes_put(struct routes *r, struct route *route)
{
    pthread_rwlock_wrlock(&r->lock);
    drop(r, route->inbox_id);
    if (route->patterns.count)
        add(r, route);
    else
        arena_done(&route->arena);
    pthread_rwlock_unlock(&r->lock);
    *route = (struct route){ 0 };
}

void routes_drop(struct routes *r, int64_t inbox_id)
{
    pthread_rwlock_wrlock(&r->lock);
    drop(r, inbox_id);
    pthread_rwlock_unlock(&r->lock);
}

/* ---- matching ---- */

static bool matches(const struct route *route, const struct store_envelope *e)
{
    for (size_t p = 0; p < route->patterns.count; p++)
        for (size_t i = 0; i < e->recipient_count; i++)
            if (glob_matches(span_of(route->patterns.items[p]), span_of(e->recipients[i].address)))
                return true;
    return false;
}

static size_t match_all(const struct routes *r, const struct store_envelope *e, int64_t now_ms,
                        int64_t *out, size_t max)
{
    size_t found = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct route *route = &r->items[i];
        bool is_over = route->expires_at_ms && route->expires_at_ms <= now_ms;
        if (is_over || !matches(route, e))
            continue;
        if (found < max)
            out[found] = route->inbox_id;
        found++;
    }
    return found;
}

size_t routes_match(struct routes *r, const struct store_envelope *e, int64_t now_ms, int64_t *out,
                    size_t max)
{
    if (r->count == 0)
        return 0;
    pthread_rwlock_rdlock(&r->lock);
    size_t found = match_all(r, e, now_ms, out, max);
    pthread_rwlock_unlock(&r->lock);
    return found;
}
