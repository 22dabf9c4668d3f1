#include "core/peers.h"

#include "core/mem.h"

#include <string.h>

struct peer {
    struct list link;
    size_t count;
    char ip[];
};

void peers_init(struct peers *p)
{
    for (size_t i = 0; i < PEERS_BUCKETS; i++)
        list_init(&p->buckets[i]);
}

/* FNV-1a. */
static struct list *find_bucket(struct peers *p, const char *ip)
{
    uint32_t hash = 2166136261u;
    for (; *ip; ip++)
        hash = (hash ^ (unsigned char)*ip) * 16777619u;
    return &p->buckets[hash % PEERS_BUCKETS];
}

static struct peer *find(struct list *bucket, const char *ip)
{
    for (struct list *l = bucket->next; l != bucket; l = l->next) {
        struct peer *peer = container_of(l, struct peer, link);
        if (strcmp(peer->ip, ip) == 0)
            return peer;
    }
    return NULL;
}

struct peer *peers_enter(struct peers *p, const char *ip, size_t max)
{
    struct list *bucket = find_bucket(p, ip);
    struct peer *peer = find(bucket, ip);
    if (peer && peer->count >= max)
        return NULL;
    if (!peer) {
        size_t size = strlen(ip) + 1;
        peer = xcalloc(1, sizeof(*peer) + size);
        memcpy(peer->ip, ip, size);
        list_append(bucket, &peer->link);
    }
    peer->count++;
    return peer;
}

void peers_leave(struct peer *peer)
{
    if (!peer || --peer->count > 0)
        return;
    list_remove(&peer->link);
    free(peer);
}
