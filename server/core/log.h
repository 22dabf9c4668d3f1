#pragma once
/* One line per event to standard error, in logfmt or JSON, each whole in a write:
 *
 *     time=2026-11-23T12:04:31.250Z level=info at=smtp msg=stored id=81 bytes=1204
 *
 * Values may come from anywhere: the logger escapes them. An event is logged once, by the layer
 * that knows its cause; core, smtp/proto and mail never log. Safe from any thread. */

#include "core/span.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log_field {
    const char *key; /* NULL ends the list */
    struct span text;
    int64_t number;
    bool is_number;
};

/* Before other threads start. */
void log_setup(enum log_level level, bool as_json);

/* Writes the line if its level is wanted; `at` is the part of the program. */
void log_write(enum log_level level, const char *at, const char *msg,
               const struct log_field *fields);

/* For a thread that runs a loop: its lines wait for log_flush(), which writes all of them at once.
 * Warnings and errors do not wait. At the end it gathers no longer, which flushes. */
void log_gather(bool on);
void log_flush(void);

static inline struct log_field log_span(const char *key, struct span value)
{
    return (struct log_field){ .key = key, .text = value };
}

static inline struct log_field log_str(const char *key, const char *value)
{
    return log_span(key, span_of(value));
}

static inline struct log_field log_num(const char *key, int64_t value)
{
    return (struct log_field){ .key = key, .number = value, .is_number = true };
}

#define LOG_FIELDS(...)                                                                            \
    (const struct log_field[])                                                                     \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* log_info("smtp", "stored", log_num("id", id), log_num("bytes", size)); one field at least. */
#define log_error(at, msg, ...) log_write(LOG_ERROR, at, msg, LOG_FIELDS(__VA_ARGS__))
#define log_warn(at, msg, ...) log_write(LOG_WARN, at, msg, LOG_FIELDS(__VA_ARGS__))
#define log_info(at, msg, ...) log_write(LOG_INFO, at, msg, LOG_FIELDS(__VA_ARGS__))
#define log_debug(at, msg, ...) log_write(LOG_DEBUG, at, msg, LOG_FIELDS(__VA_ARGS__))
