/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting: queues of waiters, bit waits as the page cache has them, completions, mutexes, rwsems. */
#ifndef SIM_CORE_WAIT_H
#define SIM_CORE_WAIT_H

#include "sim/core/task.h"

/* A kind of thing that is waited for: how the hang report names it, and who would wake the waiter. */
struct sim_wait_class {
	const char *name;                                       /* "folio lock", "i_rwsem" */
	void (*describe)(const void *obj, struct sim_buf *out); /* NULL: the name alone */
	struct sim_task *(*owner)(const void *obj);             /* NULL: unknown */
};

enum sim_wait_mode {
	SIM_WAIT_PLAIN,         /* TASK_UNINTERRUPTIBLE */
	SIM_WAIT_KILLABLE,      /* ended by a fatal signal */
	SIM_WAIT_INTERRUPTIBLE, /* ended by any signal */
	SIM_WAIT_IDLE,          /* a kernel thread with nothing to do: plain, and never a hang */
};

/* Tasks that wait, oldest first. Zeroed: empty. 8 bytes, so that a folio can have one. */
struct sim_waitq {
	struct sim_waiter *last; /* circular: last->next is the oldest */
};

static inline bool sim_waitq_empty(const struct sim_waitq *q)
{
	return !q->last;
}

/*
 * Block the current task on q until it is woken. Returns 0, or -ERESTARTSYS when a signal that the
 * mode admits ended the wait (or was pending already). The waker has no other effect: the caller
 * re-tests its condition.
 */
int sim_wait(struct sim_world *w, struct sim_waitq *q, enum sim_wait_mode mode, uint16_t site,
	     const struct sim_wait_class *class, const void *obj);

/* Sleep for ns at the site, whatever signals come. */
void sim_sleep_plain(struct sim_world *w, uint64_t ns, uint16_t site);

/* As sim_wait(), at most until timeout_ns from now: then -ETIMEDOUT. */
int sim_wait_timeout(struct sim_world *w, struct sim_waitq *q, enum sim_wait_mode mode,
		     uint16_t site, const struct sim_wait_class *class, const void *obj,
		     uint64_t timeout_ns);

/*
 * The same, for a loop that looks again at something that only others can change. It does not keep
 * a world alive: when all that is to come are such looks, and they have been in vain SIM_POLLS_MOST
 * times in a row, while a task is blocked otherwise, the world hangs (SIM_END_HANG).
 */
int sim_wait_poll(struct sim_world *w, struct sim_waitq *q, enum sim_wait_mode mode, uint16_t site,
		  const struct sim_wait_class *class, const void *obj, uint64_t interval_ns);
#define SIM_POLLS_MOST 1000u

/* Make the n oldest waiters runnable, oldest first. Returns how many there were. */
unsigned sim_wake(struct sim_world *w, struct sim_waitq *q, unsigned n);
#define SIM_WAKE_ALL (~0u)

/*
 * Bit waits: waiters of several bits share a queue (wait_bit_queue, folio_wait_bit_common). An
 * exclusive waiter wants to set the bit itself after it was woken. bit is 0..255. Returns as
 * sim_wait().
 */
int sim_wait_bit(struct sim_world *w, struct sim_waitq *q, unsigned bit, bool exclusive,
		 enum sim_wait_mode mode, uint16_t site, const struct sim_wait_class *class,
		 const void *obj);
/* Wake, oldest first, the waiters of a bit up to and including the first exclusive one. */
void sim_wake_bit(struct sim_world *w, struct sim_waitq *q, unsigned bit);

/* completion: done counts; a waiter takes one. */
struct sim_completion {
	struct sim_waitq q;
	uint32_t done;
};
/* Waiting returns 0, or -ERESTARTSYS when a signal ended the wait before the completion did. */
void sim_complete(struct sim_world *w, struct sim_completion *c);
void sim_complete_all(struct sim_world *w, struct sim_completion *c);
int sim_wait_for_completion(struct sim_world *w, struct sim_completion *c, enum sim_wait_mode mode,
			    uint16_t site);

/*
 * mutex: FIFO, with an owner; handed over like the rwsem. Locking returns 0, or -EINTR when a
 * signal that the mode admits ended the wait (as mutex_lock_killable(), down_read_killable() do).
 */
struct sim_mutex {
	struct sim_task *owner;
	struct sim_waitq q;
	const char *name; /* for reports; set by sim_mutex_init() */
};
void sim_mutex_init(struct sim_mutex *m, const char *name);
int sim_mutex_lock(struct sim_world *w, struct sim_mutex *m, enum sim_wait_mode mode,
		   uint16_t site);
bool sim_mutex_trylock(struct sim_world *w, struct sim_mutex *m);
void sim_mutex_unlock(struct sim_world *w, struct sim_mutex *m);

/*
 * rwsem as the kernel's without stealing and spinning: strictly FIFO; a queued writer holds back
 * readers that come later; the lock is handed over: whoever is woken owns it. When a writer leaves,
 * all readers at the head of the queue go in together. Who has it alone and asks for it again waits
 * for himself.
 */
struct sim_rwsem {
	struct sim_task *writer; /* NULL: none */
	uint32_t readers;
	struct sim_waitq q;
	const char *name;
	const void *obj; /* what it belongs to, for reports; may be NULL */
};
void sim_rwsem_init(struct sim_rwsem *s, const char *name, const void *obj);
int sim_down_read(struct sim_world *w, struct sim_rwsem *s, enum sim_wait_mode mode, uint16_t site);
int sim_down_write(struct sim_world *w, struct sim_rwsem *s, enum sim_wait_mode mode,
		   uint16_t site);
bool sim_down_read_trylock(struct sim_world *w, struct sim_rwsem *s);
bool sim_down_write_trylock(struct sim_world *w, struct sim_rwsem *s);
void sim_up_read(struct sim_world *w, struct sim_rwsem *s);
void sim_up_write(struct sim_world *w, struct sim_rwsem *s);
/* The writer becomes a reader; readers at the head of the queue go in. */
void sim_downgrade_write(struct sim_world *w, struct sim_rwsem *s);

#endif
