#pragma once
/* An HTTP server made of values: a table of routes says what exists, a request that reaches a
 * handler has passed its row of the table, and a handler returns a response. It knows nothing of
 * mail or the store.
 *
 * A request passes, in this order: Host and Origin, route and method, who may call, query
 * parameters, body. What fails on the way is answered with a problem (RFC 9457) and no handler
 * runs. A response is then finished in one place: conditional requests, ranges, the headers every
 * answer carries.
 *
 * Handlers run on the server's threads, several at a time. */

#include "core/arena.h"
#include "core/buf.h"
#include "core/embedded.h"
#include "core/source.h"
#include "core/spool.h"

#include <jansson.h>

enum {
    HTTP_MAX_SEGMENTS = 16,      /* of a path */
    HTTP_MAX_PARAMETERS = 32,    /* of a query */
    HTTP_MAX_FIELDS = 32,        /* of a request's header; more is refused */
    HTTP_MAX_HEADER = 16 * 1024, /* octets of all of them together */
    HTTP_MAX_TARGET = 8 * 1024,  /* octets of "/a/b?c=d", as sent (RFC 9110 4.1) */
    HTTP_MAX_BODY = 1024 * 1024, /* octets of a JSON body */
    HTTP_RESPONSE_HEADERS = 16,  /* what a handler sets and what is added to every answer */
};

struct http_pair {
    struct span name, value;
};

struct http_pairs {
    struct http_pair *items;
    size_t count;
};

/* ---- fields: what a query or a JSON body may hold ---- */

enum http_type {
    HTTP_BOOL,            /* an enum http_choice */
    HTTP_INTEGER,         /* an int64_t */
    HTTP_INTEGER_OR_NULL, /* the same; JSON's null is HTTP_NULL */
    HTTP_TEXT,            /* a const char *, which lives as long as the request */
    HTTP_TEXTS,           /* a struct http_texts, of JSON alone, which lives as long */
    HTTP_JSON,            /* a const json_t *, likewise: any value of a body, for the handler to
                             read */
    HTTP_RAW,             /* no member: the name is a media type. A body of that type is taken as it
                             is, into request.raw */
};

enum { HTTP_NULL = -1 };
enum { HTTP_MAX_TEXTS = 100 }; /* of a list */

struct http_texts {
    const char **items; /* NULL: not given */
    size_t count;
};

/* So that zero is "not given". */
enum http_choice { HTTP_UNSET, HTTP_NO, HTTP_YES };

/* "limits.max_age_seconds" is a field of the object that the body's field `limits` must be. */
struct http_field {
    const char *name; /* NULL ends the table */
    enum http_type type;
    size_t offset;    /* in the struct that is filled */
    int64_t min, max; /* of an integer, from 0 up; of a text's octets, or each text's of a list */
};

/* ---- requests ---- */

/* Why a request cannot be taken apart. */
struct http_fault {
    int status;
    const char *detail;
    bool is_endless; /* it is not known where its body ends, and so not where the next begins */
};

struct http_request {
    struct arena arena; /* dies after the response has been sent */
    void *app;          /* the server's owner's */
    const char *ip;     /* of the client */
    int64_t caller;     /* the owner's: who calls, as its `admit` found out */
    const char *method;
    const struct http_fault *fault; /* of its target or its header; NULL: none */
    struct span path;               /* decoded, as a whole */
    struct span segments[HTTP_MAX_SEGMENTS];
    size_t segment_count;
    struct http_pairs query;   /* decoded: well-formed UTF-8 without NUL */
    struct http_pairs headers; /* as sent */
    const struct http_route *route;
    struct spool *raw; /* the body, where its type is one that the route takes as it is */
    struct span body;
    json_t *json;  /* the body, once it has passed the route's table */
    bool is_aside; /* it may take long: nobody waits for the thread it runs on */
};

/* Takes the target apart, "/a/b?c=d". The rest is for who receives it to fill in. */
void http_request_init(struct http_request *r, const char *method, struct span target);
void http_request_done(struct http_request *r);

/* The first header field of that name, compared without case; ptr is NULL if there is none. */
struct span http_header(const struct http_request *r, const char *name);

/* The segment that `name` stands for in the route's path, "inbox" for ":inbox". */
struct span http_parameter(const struct http_request *r, const char *name);

/* As http_parameter, of "#id": a number by the time a handler sees it. */
int64_t http_parameter_id(const struct http_request *r, const char *name);

/* Fill `out` from what has passed the route's table of fields; what was not sent is left alone. */
void http_read_query(struct http_request *r, void *out);
void http_read_body(struct http_request *r, void *out);

/* ---- responses ---- */

enum http_body {
    HTTP_EMPTY,
    HTTP_OWNED,  /* `bytes` are from malloc and belong to the response */
    HTTP_STATIC, /* `bytes` live as long as the program */
    HTTP_STREAM, /* read from `source` step by step */
    HTTP_EVENTS, /* asked of `next` until it ends */
    HTTP_LATER,  /* not known yet: `ask` tells when it is */
    HTTP_ASIDE,  /* not looked for yet: see http_aside() */
};

enum {
    HTTP_SIZE_UNKNOWN = -1
}; /* cast to uint64_t: the size of a source that is read to its end */

enum http_next { HTTP_MORE, HTTP_END };

enum { HTTP_ANY_TOPIC = 0 }; /* a topic is a number of the owner's choice */

struct http_response {
    int status;
    struct {
        const char *name, *value;
    } headers[HTTP_RESPONSE_HEADERS]; /* borrowed until the request is done */
    size_t header_count;
    const char *etag;  /* with its quotes; NULL: none */
    bool takes_ranges; /* a stream of known size that can be read from anywhere */
    enum http_body body;
    struct span bytes;
    struct source source; /* read in order, each octet once, by one thread at a time */
    uint64_t start;       /* where in `source` the body begins */
    uint64_t length;      /* octets of `source` from there */
    /* Appends events to *out, or nothing when there are none now: it is asked again after
     * http_wake(). */
    enum http_next (*next)(void *arg, struct buf *out);
    /* Makes the answer and returns true, or returns false as long as it is not known; with
     * `is_last` it must answer. Asked at once, after http_wake(), and at the deadline. */
    bool (*ask)(struct http_request *r, void *arg, bool is_last, struct http_response *out);
    int64_t topic;           /* of events and later answers: asked again after its news */
    uint64_t deadline_us;    /* of a later answer, by the steady clock */
    void (*done)(void *arg); /* of what has an arg, when nobody needs it any more; may be NULL */
    void *arg;
};

typedef struct http_response http_handler(struct http_request *r);

/* For answers that are not sent. */
void http_response_done(struct http_response *res);

/* Replaces what is there. `value` must be free of control characters. */
void http_set_header(struct http_response *res, const char *name, const char *value);

struct http_response http_empty(int status);

/* Gives it a tag that changes with its bytes. */
void http_tag(struct http_request *r, struct http_response *res);

/* Takes the bytes. */
struct http_response http_bytes(int status, const char *type, struct buf *bytes);

/* Appends the value as text, without white space. */
void http_append_json(struct buf *out, const json_t *value);

/* Takes the value. */
struct http_response http_json(int status, json_t *value);

/* `done` is called with the source's arg. */
struct http_response http_stream(const char *type, struct source source, void (*done)(void *arg));

/* text/event-stream that lasts; a comment is sent now and then so that proxies keep it open.
 * `topic` is whose news it wants, HTTP_ANY_TOPIC of all. */
struct http_response http_events(int64_t topic, enum http_next (*next)(void *arg, struct buf *out),
                                 void (*done)(void *arg), void *arg);

/* An answer that is given when it is known (see `ask` above), at the deadline at the latest. It
 * holds no thread meanwhile. If the client goes away it is dropped. */
struct http_response http_later(int64_t topic, uint64_t deadline_us,
                                bool (*ask)(struct http_request *r, void *arg, bool is_last,
                                            struct http_response *out),
                                void (*done)(void *arg), void *arg);

/* What a handler returns that may take long, if the request's is_aside does not say yet that it
 * may: it is run again on a thread where it holds up no request but those of its kind. What it
 * returns there may be known later only. */
struct http_response http_aside(void);

/* A file built into the program, compressed if that is accepted, its type by its name. */
struct http_response http_file(struct http_request *r, const struct embedded_file *file);
const struct embedded_file *http_find_file(const struct embedded_files *files, struct span name);

/* RFC 9457; the detail is for people and says what to do. */
struct http_response http_problem(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with `errors` that names the field at fault. */
struct http_response http_field_problem(int status, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a list of {"field", "detail"}, which it takes. */
struct http_response http_errors_problem(int status, const char *detail, json_t *errors);

/* RFC 6266 with RFC 8187: "inline" or "attachment", and a file name whatever it holds. NULL: no
 * name. Lives in `arena`. */
const char *http_disposition(struct arena *arena, const char *kind, const char *filename);

/* Whether the client prefers this to be shown as a page: Accept names text/html. */
bool http_accepts_html(const struct http_request *r);

/* ---- the server ---- */

struct http_route {
    const char *method;
    const char *path; /* "/a/:text/#number"; the first that fits wins */
    http_handler *run;
    int scope;                      /* the owner's: who may call it, for `admit` */
    const struct http_field *query; /* NULL: no parameter is known */
    const struct http_field *body;  /* of a JSON object; NULL: no body is taken */
};

struct http_site {
    const struct http_route *routes;
    size_t route_count;
    http_handler *fallback; /* for paths in no route; NULL: 404 */
    /* Who may call: refuses, or answers with status 0 and lets the request pass. Asked before its
     * parameters and its body are looked at; `route` is NULL for paths in no route. NULL: all. */
    http_handler *admit;
    const char *const
        *hosts; /* names this server may be called by, beside addresses and localhost */
    size_t host_count;
    const char *const *origins; /* "https://app.test": pages that may call it from elsewhere */
    size_t origin_count;
    const char *base;      /* "/mail", where all of it is behind a proxy; "" or NULL: at the root */
    struct spools *spools; /* of bodies that are taken as they are; borrowed */
    uint64_t raw_max;      /* octets of such a body */
};

struct tls_lender;

struct http_config {
    const char *listen; /* "127.0.0.1:8025", as netaddr_parse() reads it */
    void (*answered)(const struct http_request *r, int status); /* of each answer; NULL: nobody */
    struct tls_lender *tls; /* of what HTTPS shows, connection by connection; NULL: HTTP */
    struct http_site site;
    void *app;
    unsigned threads;
    unsigned max_connections, max_connections_per_ip;
    unsigned max_event_streams;
    unsigned max_waits; /* answers that are given later, at a time */
    unsigned idle_timeout_s;
    unsigned header_timeout_s; /* a whole header must be there by then, however it drips */
};

struct http_server;

/* Takes the address and answers nobody yet, so that the owner can keep the server before its
 * handlers run. What `config` points at must outlive the server. On failure `*why` is a sentence
 * for the operator. */
int http_open(const struct http_config *config, struct http_server **out, struct buf *why);

/* Begins to serve. */
int http_start(struct http_server *s, struct buf *why);

/* Where it listens, "127.0.0.1:8025": the port it was given, or the free one it took. */
const char *http_address(const struct http_server *s);

/* There is news of a topic, for event streams and later answers that want to hear of it, or of all
 * (HTTP_ANY_TOPIC). Returns at once; any thread. */
void http_wake(struct http_server *s, int64_t topic);

/* Ends event streams, waits for handlers, closes connections, and frees the server, whether it was
 * started or not. NULL is accepted. */
void http_close(struct http_server *s);

/* What the server does with a request, without the server: http_admit() until the body is read
 * (status 0: go on), then http_run(), and http_run_aside() if that has to be. */
struct http_response http_admit(const struct http_site *site, struct http_request *r);

/* Whether an admitted request has a body that is taken as it is, and what to answer where such a
 * body cannot be, by an errno. */
bool http_takes_raw(const struct http_request *r);
struct http_response http_raw_problem(const struct http_site *site, int err);

struct http_response http_run(const struct http_site *site, struct http_request *r);
struct http_response http_run_aside(const struct http_site *site, struct http_request *r);
