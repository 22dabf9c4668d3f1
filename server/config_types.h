#pragma once
/* What an option's value may be, and how it is read. */

#include "config.h"

struct config_type {
    const char *expected; /* completes "expected ..." */

    /* Reads text into the field of an option; false if the text is none of its kind. */
    bool (*parse)(struct config *c, void *field, const char *text);

    bool is_list;   /* the field is a config_list, to which it is added */
    bool is_switch; /* which its name alone puts on, and JSON's true and false set */
    bool is_secret; /* even a bad one is not shown */
};

/* "on" or "off"; false for NULL. */
bool config_is_switch(const char *text);

extern const struct config_type config_path, config_text, config_texts, config_token,
    config_address, config_listeners, config_names, config_extensions, config_blocks, config_switch,
    config_on_off, config_count, config_size, config_duration, config_count_or_none,
    config_size_or_none, config_duration_or_none, config_compression, config_level, config_format;
