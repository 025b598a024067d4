// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "work.h"

#define TICK_NS 100000000L

struct work {
	pthread_mutex_t lock;
	pthread_cond_t more, over;
	struct work_item *top;
	unsigned int busy, running;
	work_fn fn;
	void *arg;
};

struct worker {
	struct work *w;
	unsigned int number;
	pthread_t thread;
};

void work_push(struct work *w, struct work_item *item)
{
	pthread_mutex_lock(&w->lock);
	item->next = w->top;
	w->top = item;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

/* The next item; NULL if there is none and nobody is left who could push one. */
static struct work_item *take(struct work *w)
{
	struct work_item *item;

	while (!w->top && w->busy)
		pthread_cond_wait(&w->more, &w->lock);
	item = w->top;
	if (!item)
		return NULL;
	w->top = item->next;
	w->busy++;
	return item;
}

static void *run(void *arg)
{
	struct worker *self = arg;
	struct work *w = self->w;
	struct work_item *item;

	pthread_mutex_lock(&w->lock);
	while ((item = take(w))) {
		pthread_mutex_unlock(&w->lock);
		w->fn(w, item, self->number, w->arg);
		pthread_mutex_lock(&w->lock);
		if (!--w->busy && !w->top)
			pthread_cond_broadcast(&w->more);
	}
	if (!--w->running)
		pthread_cond_signal(&w->over);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void wait_for_end(struct work *w, void (*tick)(void *arg))
{
	struct timespec until;

	pthread_mutex_lock(&w->lock);
	while (w->running) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TICK_NS;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		if (pthread_cond_timedwait(&w->over, &w->lock, &until) == ETIMEDOUT && tick) {
			pthread_mutex_unlock(&w->lock);
			tick(w->arg);
			pthread_mutex_lock(&w->lock);
		}
	}
	pthread_mutex_unlock(&w->lock);
}

int work_run(unsigned int threads, struct work_item *first, work_fn fn, void (*tick)(void *arg),
	     void *arg, struct err *e)
{
	struct work w = {.top = first, .fn = fn, .arg = arg};
	struct worker workers[WORK_THREADS_MAX];
	unsigned int started = 0;

	if (!threads || threads > WORK_THREADS_MAX)
		return err_set(e, -EINVAL, "%u threads, must be 1 to %d", threads,
			       WORK_THREADS_MAX);
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.more, NULL);
	pthread_cond_init(&w.over, NULL);
	pthread_mutex_lock(&w.lock);
	while (started < threads) {
		workers[started] = (struct worker){&w, started, 0};
		if (pthread_create(&workers[started].thread, NULL, run, &workers[started]))
			break;
		started++;
	}
	w.running = started;
	pthread_mutex_unlock(&w.lock);
	if (!started) {
		workers[0] = (struct worker){&w, 0, 0};
		w.running = 1;
		run(&workers[0]);
	}
	wait_for_end(&w, tick);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_cond_destroy(&w.over);
	pthread_cond_destroy(&w.more);
	pthread_mutex_destroy(&w.lock);
	return 0;
}

unsigned int work_threads(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n < 1 ? 1 : n > WORK_THREADS_MAX ? WORK_THREADS_MAX : (unsigned int)n;
}
