#include "http/aside.h"

#include "http/connections.h"
#include "http/finish.h"

#include <pthread.h>

/* One slow request does not hold up the others of its kind; more threads than processors would hold
 * up everything else. Thousands may begin to wait for mail at once, and each looks first. */
enum { THREADS = 2, JOBS_MAX = 5000 };

struct aside {
    const struct http_site *site;
    pthread_t threads[THREADS];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct aside_job *first, **last;
    size_t count; /* that wait */
    bool is_stopping;
};

/* NULL: the end. */
static struct aside_job *take(struct aside *a, bool *must_refuse)
{
    pthread_mutex_lock(&a->lock);
    while (!a->first && !a->is_stopping)
        pthread_cond_wait(&a->changed, &a->lock);
    struct aside_job *job = a->first;
    if (job) {
        a->first = job->next;
        if (!a->first)
            a->last = &a->first;
        a->count--;
    }
    *must_refuse = a->is_stopping;
    pthread_mutex_unlock(&a->lock);
    return job;
}

static struct http_response refuse(const struct aside *a, struct http_request *r, const char *why)
{
    struct http_response res = http_problem(503, "%s", why);
    http_finish(a->site, r, &res);
    return res;
}

/* What nobody reads is not worked for: the answer is for libmicrohttpd, which has to end it. */
static struct http_response run(const struct aside *a, const struct aside_job *job,
                                bool must_refuse)
{
    if (must_refuse)
        return refuse(a, job->request, "The server is being stopped");
    if (http_connection_is_gone(job->connection))
        return refuse(a, job->request, "The client has gone");
    return http_run_aside(a->site, job->request);
}

/* The job may be gone once its connection runs again. */
static void *work(void *arg)
{
    struct aside *a = arg;
    struct aside_job *job;
    bool must_refuse;
    while ((job = take(a, &must_refuse))) {
        job->response = run(a, job, must_refuse);
        job->is_over = true;
        MHD_resume_connection(job->connection);
    }
    return NULL;
}

struct aside *aside_start(const struct http_site *site)
{
    struct aside *a = xcalloc(1, sizeof(*a));
    a->site = site;
    a->last = &a->first;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&a->threads[i], NULL, work, a) != 0)
            abort(); /* as out of memory */
    return a;
}

/* Under the lock, so that it is suspended before a thread resumes it. */
bool aside_run(struct aside *a, struct aside_job *job)
{
    pthread_mutex_lock(&a->lock);
    bool has_room = !a->is_stopping && a->count < JOBS_MAX;
    if (has_room) {
        MHD_suspend_connection(job->connection);
        job->next = NULL;
        *a->last = job;
        a->last = &job->next;
        a->count++;
        pthread_cond_signal(&a->changed);
    }
    pthread_mutex_unlock(&a->lock);
    return has_room;
}

void aside_stop(struct aside *a)
{
    pthread_mutex_lock(&a->lock);
    a->is_stopping = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(a->threads[i], NULL);
}

void aside_free(struct aside *a)
{
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    free(a);
}
