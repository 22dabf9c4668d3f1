#include "core/glob.h"
#include "faults/private.h"

/* Of triples that are greylisted: one table of digests for a plan, in which a triple has so many
 * places; where they are taken, the oldest goes. Every inbox may have a plan. */
enum { TRIPLES = 1024, PLACES = 16 };

struct triple {
    uint64_t digest; /* 0: free */
    int64_t first_ms;
};

struct counter {
    uint64_t reached, hits;
    uint64_t in_window;
    int64_t window_ms; /* when it began */
};

struct fault_state {
    struct counter *counters;
    struct triple *triples; /* NULL: none yet */
};

struct fault_state *fault_state_new(const struct fault_plan *p)
{
    struct fault_state *s = xcalloc(1, sizeof(*s));
    s->counters = xcalloc(p->count + 1, sizeof(*s->counters));
    return s;
}

void fault_state_free(struct fault_state *s)
{
    if (!s)
        return;
    free(s->triples);
    free(s->counters);
    free(s);
}

uint64_t fault_state_hits(const struct fault_state *s, size_t rule)
{
    return s->counters[rule].hits;
}

/* ---- chance without chance ---- */

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

/* Of the seed, the rule and what reached that rule alone: whatever else goes on changes nothing. */
static bool is_drawn(uint64_t seed, size_t rule, uint64_t reached, double probability)
{
    uint64_t x = mix(mix(mix(seed) ^ rule) ^ reached);
    return (double)(x >> 11) * 0x1p-53 < probability;
}

/* ---- greylists and rates ---- */

/* Letters count without case, as patterns do. */
static uint64_t digest_span(uint64_t digest, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        digest = mix(digest ^ (c >= 'A' && c <= 'Z' ? c | 0x20u : c));
    }
    return mix(digest ^ 0x100);
}

static uint64_t digest_triple(size_t rule, const struct fault_event *e)
{
    uint64_t digest = digest_span(rule, e->ip);
    digest = digest_span(digest, e->sender);
    digest = digest_span(digest, e->address_count ? e->addresses[0] : SPAN(""));
    return digest ? digest : 1;
}

/* Where the triple is, or the place that it takes. */
static struct triple *find_triple(struct triple *triples, uint64_t digest)
{
    struct triple *oldest = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        struct triple *t = &triples[(digest + i) % TRIPLES];
        if (t->digest == digest || !t->digest)
            return t;
        if (!oldest || t->first_ms < oldest->first_ms)
            oldest = t;
    }
    return oldest;
}

static bool is_new(const struct fault_plan *p, size_t i, struct fault_state *s,
                   const struct fault_event *e)
{
    if (!s->triples)
        s->triples = xcalloc(TRIPLES, sizeof(*s->triples));
    uint64_t digest = digest_triple(i, e);
    struct triple *t = find_triple(s->triples, digest);
    if (t->digest == digest)
        return e->now_ms - t->first_ms < p->rules[i].greylist_ms;
    *t = (struct triple){ digest, e->now_ms };
    return true;
}

static bool is_over_rate(const struct fault_rule *rule, struct counter *c, int64_t now_ms)
{
    if (c->in_window == 0 || now_ms - c->window_ms >= rule->rate_window_ms) {
        c->window_ms = now_ms;
        c->in_window = 0;
    }
    if (c->in_window >= rule->rate_count)
        return true;
    c->in_window++;
    return false;
}

/* ---- rules ---- */

static bool fits(const char *pattern, struct span text)
{
    return !pattern || glob_matches(span_of(pattern), text);
}

static bool fits_one(const char *pattern, const struct fault_event *e)
{
    for (size_t i = 0; pattern && i < e->address_count; i++)
        if (glob_matches(span_of(pattern), e->addresses[i]))
            return true;
    return !pattern;
}

/* So much of a message comes once, however it is cut. */
static bool is_moment(const struct fault_rule *rule, const struct fault_event *e)
{
    if (rule->bytes == 0)
        return e->bytes_to == 0;
    return e->bytes_from < rule->bytes && rule->bytes <= e->bytes_to;
}

static bool is_meant(const struct fault_rule *rule, const struct fault_event *e)
{
    return rule->stage == e->stage && (!e->is_mute || rule->act != FAULT_REPLY) &&
           is_moment(rule, e) && fits(rule->ip, e->ip) && fits(rule->helo, e->helo) &&
           fits(rule->sender, e->sender) && fits_one(rule->address, e);
}

static bool is_due(const struct fault_rule *rule, const struct counter *c)
{
    if (c->reached <= rule->after || (rule->times && c->hits >= rule->times))
        return false;
    return !rule->every || (c->reached - rule->after) % rule->every == 0;
}

static bool applies(const struct fault_plan *p, size_t i, struct fault_state *s,
                    const struct fault_event *e)
{
    const struct fault_rule *rule = &p->rules[i];
    struct counter *c = &s->counters[i];
    if (!is_meant(rule, e))
        return false;
    c->reached++;
    if (!is_due(rule, c))
        return false;
    if (rule->probability < 1 && !is_drawn(p->seed, i, c->reached, rule->probability))
        return false;
    if (rule->is_greylist && !is_new(p, i, s, e))
        return false;
    return !rule->rate_count || is_over_rate(rule, c, e->now_ms);
}

int fault_decide(const struct fault_plan *p, struct fault_state *s, const struct fault_event *e)
{
    for (size_t i = 0; i < p->count; i++)
        if (applies(p, i, s, e)) {
            s->counters[i].hits++;
            return (int)i;
        }
    return FAULT_NONE;
}
