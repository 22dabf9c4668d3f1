#include "http/throttle.h"

#include <arpa/inet.h>
#include <string.h>

void throttle_init(struct throttle *t)
{
    memset(t->places, 0, sizeof(t->places));
    pthread_mutex_init(&t->lock, NULL);
}

void throttle_done(struct throttle *t)
{
    pthread_mutex_destroy(&t->lock);
}

/* The octets that count, NUL-terminated or not: a network of IPv6 is one customer's. */
static size_t significant(struct span ip, unsigned char out[INET6_ADDRSTRLEN])
{
    char text[INET6_ADDRSTRLEN] = "";
    memcpy(text, ip.ptr, ip.len < sizeof(text) ? ip.len : sizeof(text) - 1);
    if (inet_pton(AF_INET6, text, out) == 1)
        return 8;
    if (inet_pton(AF_INET, text, out) == 1)
        return 4;
    memcpy(out, text, sizeof(text));
    return strlen(text);
}

/* FNV-1a, of 64 bits so that no two addresses meet by chance; never 0. */
static uint64_t key_of(struct span ip)
{
    unsigned char octets[INET6_ADDRSTRLEN];
    size_t len = significant(ip, octets);
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ octets[i]) * 1099511628211u;
    return hash ? hash : 1;
}

/* Microseconds beyond what a burst may take. */
static uint64_t excess_us(const struct throttle_place *p, uint64_t key, uint64_t now_us)
{
    uint64_t allowed = now_us + (uint64_t)(THROTTLE_BURST - 1) * THROTTLE_REFILL_US;
    return p->key == key && p->until_us > allowed ? p->until_us - allowed : 0;
}

unsigned throttle_wait_s(struct throttle *t, struct span ip, uint64_t now_us)
{
    uint64_t key = key_of(ip);
    pthread_mutex_lock(&t->lock);
    uint64_t us = excess_us(&t->places[key % THROTTLE_PLACES], key, now_us);
    pthread_mutex_unlock(&t->lock);
    return (unsigned)((us + 999999) / 1000000);
}

void throttle_blame(struct throttle *t, struct span ip, uint64_t now_us)
{
    uint64_t key = key_of(ip);
    pthread_mutex_lock(&t->lock);
    struct throttle_place *p = &t->places[key % THROTTLE_PLACES];
    if (p->key != key || p->until_us < now_us)
        *p = (struct throttle_place){ key, now_us };
    p->until_us += THROTTLE_REFILL_US;
    pthread_mutex_unlock(&t->lock);
}
