#pragma once
/* What the handlers share. */

#include "api/api.h"
#include "http/http.h"
#include "secret/secret.h"
#include "store/store.h"

#include <stdatomic.h>

struct people;
struct throttle;

struct api {
    struct api_config config;
    struct http_server *http;
    struct people *people; /* NULL: no file of them */
    struct throttle *throttle;
    char ticket_key[SECRET_SIZE];
    struct api_index *index; /* the page's own document, if its base is not "/" */
    int64_t started_at_ms;
    uint64_t started_us; /* by the steady clock */
    int64_t told;        /* news up to this one has woken who waits for it; the writer's thread's */
    atomic_uint_fast64_t marked; /* how often news told that messages were marked */
};

/* The table. */
extern const struct http_route api_routes[];
extern const size_t api_route_count;

/* Answers what no route knows: the page and its files. */
http_handler api_page;
void api_page_init(struct api *a);
void api_page_done(struct api *a);

static inline const struct api *api_of(const struct http_request *r)
{
    return r->app;
}

/* A handler leases a reader for as long as its scope lasts:
 *
 *     struct store_reader *reader AUTO(api_return) = api_lease(r); */
struct store_reader *api_lease(const struct http_request *r);
void api_return(struct store_reader **reader);

/* Where mail can be sent to, as whoever asks can reach it: the listener's address, or the name the
 * API was called by where that listens on all of them. */
struct api_endpoint {
    char host[256]; /* "": nowhere over the network */
    int64_t port;
};

struct api_endpoint api_endpoint(const struct http_request *r);

/* The answer to what the store said instead of 0; `what` completes "There is no such ...". */
struct http_response api_store_problem(int err, const char *what);

/* The id of the inbox that ":inbox" of the path names. No reader is out when this returns. */
int api_find_inbox(struct http_request *r, int64_t *out);

/* How many messages of the inbox there may be behind the id `after`: more than there are, perhaps,
 * and never fewer. */
int api_count_newer(const struct http_request *r, int64_t inbox_id, int64_t after, int64_t *out);

/* As http_later(), but of a request that is aside already it is asked there first. */
struct http_response api_later(struct http_request *r, int64_t topic, uint64_t deadline_us,
                               bool (*ask)(struct http_request *r, void *arg, bool is_last,
                                           struct http_response *out),
                               void (*done)(void *arg), void *arg);

/* How many messages of the inbox went because of limits: those who wait for messages are told,
 * since they may have seen fewer than there were. -ENOENT if the inbox is not there any more. */
int api_count_pruned(struct store_reader *reader, int64_t inbox_id, int64_t *out);

/* The message that "#id" of the path names, in the request's arena. */
int api_find_message(struct http_request *r, struct store_reader *reader,
                     struct store_message *out);

/* A message as JSON, with a tag. */
struct http_response api_message_response(struct http_request *r, const struct store_message *m);
