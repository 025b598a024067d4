/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "records.h"

#define EVENT_FIXED                                                                                \
	(sizeof(struct diglim_read_head) + sizeof(struct diglim_event) +                           \
	 sizeof(struct diglim_read_tail))

static int bad(struct err *e, const char *what)
{
	return err_set(e, -EBADMSG, "the kernel side's answer is not understood: %s", what);
}

int records_next(struct records *r, uint32_t kind, struct record *ret, struct err *e)
{
	size_t left = r->len - r->pos;
	struct diglim_read_head h;

	if (!left)
		return 0;
	if (left < sizeof(h))
		return bad(e, "it ends inside a record");
	memcpy(&h, r->data + r->pos, sizeof(h));
	if (h.version != DIGLIM_READ_VERSION)
		return bad(e, "another version of DIGLIM is attached");
	if (h.kind != kind)
		return bad(e, "another kind of record");
	if (h.size < sizeof(h) || h.size > left)
		return bad(e, "a record of impossible size");
	*ret = (struct record){.data = r->data + r->pos, .size = h.size, .number = h.number};
	r->pos += h.size;
	return 1;
}

int record_state(const struct record *rec, struct diglim_read_state *ret, struct err *e)
{
	if (rec->size != sizeof(*ret))
		return bad(e, "a state of another size");
	memcpy(ret, rec->data, sizeof(*ret));
	if (ret->limits.ingest_buffer < DIGLIM_SIG_MAX || !ret->limits.events)
		return bad(e, "impossible sizes");
	return 0;
}

int record_list(const struct record *rec, struct diglim_read_list *ret, struct err *e)
{
	struct diglim_list_record *l = &ret->record;

	if (rec->size != sizeof(*ret))
		return bad(e, "a list of another size");
	memcpy(ret, rec->data, sizeof(*ret));
	l->name[sizeof(l->name) - 1] = '\0';
	if (l->key_id_len > sizeof(l->key_id))
		l->key_id_len = sizeof(l->key_id);
	return 0;
}

/* A long path has a slot of its own, which may be gone before the event is. */
static bool path_is_there(const struct record *rec, const struct diglim_read_tail *t, size_t len)
{
	return len && t->path_number == rec->number;
}

int record_event(const struct record *rec, union record_event *ret, size_t *size, struct err *e)
{
	struct diglim_event *ev = &ret->event;
	struct diglim_read_tail t;
	size_t len;

	if (rec->size < EVENT_FIXED || rec->size > EVENT_FIXED + DIGLIM_PATH_LONG)
		return bad(e, "an event of impossible size");
	len = rec->size - EVENT_FIXED;
	memcpy(&t, rec->data + rec->size - sizeof(t), sizeof(t));
	memcpy(ret, rec->data + sizeof(struct diglim_read_head), sizeof(*ev) + len);
	if (!rec->number || t.number != rec->number || ev->seq != rec->number)
		return 0;
	if (ev->version != DIGLIM_EVENT_VERSION)
		return bad(e, "an event of another version");
	if (!path_is_there(rec, &t, len)) {
		len = 0;
		ev->path_len = 0;
		ev->path_kind = DIGLIM_PATH_NONE;
	}
	if (ev->path_len != len)
		return bad(e, "an event whose path has another length");
	*size = sizeof(*ev) + len;
	return 1;
}
