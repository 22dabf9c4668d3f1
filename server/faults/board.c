#include "faults/board.h"

#include "core/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* A plan where it is in force, and after that for as long as a rule of it is being carried out. */
struct fault_posted {
    int64_t inbox_id;
    struct fault_plan *plan;
    struct fault_state *state;
    atomic_uint holders; /* the board is one of them */
};

struct fault_board {
    pthread_mutex_t lock;
    struct fault_posted **items; /* by inbox, the lowest id first */
    size_t room;
    atomic_size_t count;
    struct fault_state *magic; /* what magic recipients have asked for */
};

/* ---- life ---- */

static struct fault_posted *posted_new(int64_t inbox_id, struct fault_plan *p)
{
    struct fault_posted *posted = xcalloc(1, sizeof(*posted));
    posted->inbox_id = inbox_id;
    posted->plan = p;
    posted->state = fault_state_new(p);
    posted->holders = 1;
    return posted;
}

static void release(struct fault_posted *posted)
{
    if (atomic_fetch_sub(&posted->holders, 1) > 1)
        return;
    fault_state_free(posted->state);
    fault_plan_free(posted->plan);
    free(posted);
}

struct fault_board *fault_board_new(void)
{
    struct fault_board *b = xcalloc(1, sizeof(*b));
    struct fault_plan *any = fault_plan_of(&(struct fault_rule){ 0 });
    pthread_mutex_init(&b->lock, NULL);
    b->magic = fault_state_new(any);
    fault_plan_free(any);
    return b;
}

void fault_board_free(struct fault_board *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->count; i++)
        release(b->items[i]);
    free(b->items);
    fault_state_free(b->magic);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

/* ---- what is there ---- */

/* Where the inbox's is, or would have to be. */
static size_t place_of(const struct fault_board *b, int64_t inbox_id)
{
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->items[middle]->inbox_id < inbox_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct fault_posted *find(const struct fault_board *b, int64_t inbox_id)
{
    size_t at = place_of(b, inbox_id);
    return at < b->count && b->items[at]->inbox_id == inbox_id ? b->items[at] : NULL;
}

static void drop(struct fault_board *b, int64_t inbox_id)
{
    size_t at = place_of(b, inbox_id);
    if (!find(b, inbox_id))
        return;
    release(b->items[at]);
    b->count--;
    memmove(&b->items[at], &b->items[at + 1], (b->count - at) * sizeof(*b->items));
}

static void add(struct fault_board *b, struct fault_posted *posted)
{
    if (b->count == b->room) {
        b->room = b->room ? 2 * b->room : 16;
        b->items = xrealloc(b->items, b->room * sizeof(*b->items));
    }
    size_t at = place_of(b, posted->inbox_id);
    memmove(&b->items[at + 1], &b->items[at], (b->count - at) * sizeof(*b->items));
    b->items[at] = posted;
    b->count++;
}

void fault_board_put(struct fault_board *b, int64_t inbox_id, struct fault_plan *p)
{
    pthread_mutex_lock(&b->lock);
    drop(b, inbox_id);
    if (p)
        add(b, posted_new(inbox_id, p));
    pthread_mutex_unlock(&b->lock);
}

bool fault_board_post(struct fault_board *b, int64_t inbox_id, const char *text,
                      struct fault_error *error)
{
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    struct fault_plan *p = text ? fault_plan_read(json, inbox_id != FAULT_OF_ALL, error) : NULL;
    json_decref(json);
    fault_board_put(b, inbox_id, p);
    return p || !text;
}

bool fault_board_has_plans(const struct fault_board *b)
{
    return b->count > 0;
}

/* ---- asking ---- */

static void take(struct fault_posted *posted, const struct fault_event *e, struct fault_found *out)
{
    int index = fault_decide(posted->plan, posted->state, e);
    if (index == FAULT_NONE)
        return;
    atomic_fetch_add(&posted->holders, 1);
    *out = (struct fault_found){
        .rule = fault_plan_rule(posted->plan, (size_t)index),
        .inbox_id = posted->inbox_id,
        .index = (size_t)index,
        .posted = posted,
    };
}

void fault_board_ask(struct fault_board *b, int64_t inbox_id, bool is_own,
                     const struct fault_event *e, struct fault_found *out)
{
    *out = (struct fault_found){ 0 };
    if (!fault_board_has_plans(b))
        return;
    pthread_mutex_lock(&b->lock);
    struct fault_posted *posted = find(b, inbox_id);
    if (!posted && !is_own)
        posted = find(b, FAULT_OF_ALL);
    if (posted)
        take(posted, e, out);
    pthread_mutex_unlock(&b->lock);
}

/* All magic recipients share what is counted, or each would forget with its question. */
void fault_board_ask_once(struct fault_board *b, struct fault_plan *p, const struct fault_event *e,
                          struct fault_found *out)
{
    *out = (struct fault_found){ 0 };
    pthread_mutex_lock(&b->lock);
    int index = fault_decide(p, b->magic, e);
    pthread_mutex_unlock(&b->lock);
    if (index == FAULT_NONE) {
        fault_plan_free(p);
        return;
    }
    struct fault_posted *posted = xcalloc(1, sizeof(*posted));
    *posted = (struct fault_posted){ .plan = p, .holders = 1 };
    *out =
        (struct fault_found){ .rule = fault_plan_rule(p, 0), .is_magic = true, .posted = posted };
}

void fault_found_release(struct fault_found *f)
{
    if (f->posted)
        release(f->posted);
    *f = (struct fault_found){ 0 };
}

/* ---- showing ---- */

static json_t *show_rules(const struct fault_posted *posted)
{
    json_t *rules = json_deep_copy(json_object_get(fault_plan_json(posted->plan), "rules"));
    for (size_t i = 0; i < json_array_size(rules); i++)
        json_object_set_new(json_array_get(rules, i), "hits",
                            json_integer((json_int_t)fault_state_hits(posted->state, i)));
    return rules;
}

json_t *fault_board_show(struct fault_board *b, int64_t inbox_id)
{
    pthread_mutex_lock(&b->lock);
    const struct fault_posted *posted = find(b, inbox_id);
    json_t *rules = posted ? show_rules(posted) : json_array();
    json_int_t seed =
        posted ? json_integer_value(json_object_get(fault_plan_json(posted->plan), "seed")) : 0;
    json_t *shown =
        json_pack("{s:b, s:I, s:o}", "in_force", posted != NULL, "seed", seed, "rules", rules);
    pthread_mutex_unlock(&b->lock);
    return shown;
}
