#include "store/texts.h"

#include "core/mem.h"

#include <jansson.h>

const char *texts_write(const struct store_texts *texts, struct arena *arena)
{
    json_auto_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(list, json_string(texts->items[i]));
    char *column AUTO(free_ptr) = json_dumps(list, JSON_COMPACT);
    return arena_strdup(arena, column);
}

struct store_texts texts_read(const char *column, struct arena *arena)
{
    json_auto_t *list = json_loads(column ? column : "[]", 0, NULL);
    struct store_texts texts = { .count = json_array_size(list) };
    texts.items = arena_alloc(arena, texts.count * sizeof(*texts.items));
    for (size_t i = 0; i < texts.count; i++)
        texts.items[i] = arena_strdup(arena, json_string_value(json_array_get(list, i)));
    return texts;
}
