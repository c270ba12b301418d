/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrusive doubly linked lists: the node lives in the object, nothing is allocated. */
#ifndef SIM_BASE_LIST_H
#define SIM_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A node, or the head of a circular list. A zeroed head is not valid: call sim_list_init(). */
struct sim_list {
	struct sim_list *next, *prev;
};

#define sim_container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void sim_list_init(struct sim_list *l)
{
	l->next = l->prev = l;
}

static inline bool sim_list_empty(const struct sim_list *head)
{
	return head->next == head;
}

/* Link node n before position pos: with pos the head, at the tail of the list. */
static inline void sim_list_add_tail(struct sim_list *n, struct sim_list *pos)
{
	n->prev = pos->prev;
	n->next = pos;
	pos->prev->next = n;
	pos->prev = n;
}

/* Link node n after position pos: with pos the head, at the front of the list. */
static inline void sim_list_add(struct sim_list *n, struct sim_list *pos)
{
	sim_list_add_tail(n, pos->next);
}

/* Unlink n and leave it an empty list of its own, so that a second call does no harm. */
static inline void sim_list_del(struct sim_list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	sim_list_init(n);
}

/* The first entry of a non-empty list as TYPE. */
#define sim_list_first(head, type, member) sim_container_of((head)->next, type, member)
#define sim_list_last(head, type, member)  sim_container_of((head)->prev, type, member)

/* Walk pos (a TYPE pointer) over the list. The list must not change under the walk. */
#define sim_list_for_each(pos, head, type, member)                                   \
	for (type *pos = sim_list_first(head, type, member); &pos->member != (head); \
	     pos = sim_container_of(pos->member.next, type, member))

/* The same; pos itself may be unlinked in the body. */
#define sim_list_for_each_safe(pos, head, type, member)                           \
	for (type *pos = sim_list_first(head, type, member),                      \
		  *pos##_next = sim_container_of(pos->member.next, type, member); \
	     &pos->member != (head);                                              \
	     pos = pos##_next, pos##_next = sim_container_of(pos->member.next, type, member))

#endif
